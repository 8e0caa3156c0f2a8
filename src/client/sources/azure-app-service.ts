/**
 * Azure App Service, Functions and Container Apps: a token service beside the app, at IDENTITY_ENDPOINT
 * (learn.microsoft.com/azure/app-service/overview-managed-identity, "REST endpoint reference").
 */
import type { SubjectTokenSource } from '../subject-token.ts'
import { audienceNeeded } from './audience-needed.ts'
import { callPlatform, platformUrl } from './call-platform.ts'
import { entraToken, identityQuery } from './entra-token.ts'

const name = 'azure-app-service'

export const azureAppService: SubjectTokenSource = {
  name,
  missing: 'IDENTITY_ENDPOINT and IDENTITY_HEADER are not both set',
  // Service Fabric has the first two as well, and its own protocol; Azure Arc has no header (msal-node's sources).
  detect: ({ env }) => Boolean(env.IDENTITY_ENDPOINT && env.IDENTITY_HEADER && !env.IDENTITY_SERVER_THUMBPRINT),
  async getSubjectToken(ask, here) {
    const resource = audienceNeeded(name, ask)
    const { IDENTITY_ENDPOINT = '', IDENTITY_HEADER = '' } = here.env
    const answer = await callPlatform(name, here, {
      what: 'the token service',
      url: identityQuery(platformUrl(name, 'IDENTITY_ENDPOINT', IDENTITY_ENDPOINT), '2019-08-01', resource, here.env),
      headers: { 'x-identity-header': IDENTITY_HEADER, accept: 'application/json' },
      signal: ask.signal,
    })
    return entraToken(name, resource, answer)
  },
}
