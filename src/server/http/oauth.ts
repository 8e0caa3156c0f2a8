/** The other OAuth endpoints: key set, metadata, introspection, revocation, userinfo. */
import { Router } from 'express'
import { grantTypes, subjectAlgorithms } from '../../protocol/oauth.ts'
import type { Organization } from '../accounts/model.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Introspect } from '../exchange/introspect.ts'
import type { Revoke } from '../exchange/revoke.ts'
import { type Keyring, keySetMaxAge } from '../tokens/keyring.ts'
import { answerJson } from './answer.ts'
import { type Identified, originOf } from './bearer.ts'
import { refuseOtherMethods } from './methods.ts'
import { need, once, parameterBody, parametersOf } from './parameters.ts'

/** It supports no response type, as the metadata says: no person gets a token here with a browser. */
const authorizationPath = '/oauth/authorize'

type Needs = {
  keyring: Keyring
  identify: Identified
  introspect: Introspect
  revoke: Revoke
  publicUrl: () => string
}

export function oauthRoutes({ keyring, identify, introspect, revoke, publicUrl }: Needs): Router {
  const router = Router()

  router.get('/oauth/jwks', (_req, res) => {
    res.set('Cache-Control', `public, max-age=${keySetMaxAge}`).json(keyring.jwks())
  })

  router.post('/oauth/introspect', parameterBody, async (req, res) => {
    res.setHeader('Cache-Control', 'no-store')
    const parameters = once(parametersOf(req))
    const caller = await identify(req, res, parameters.get('client_secret'))
    answerJson(res, await introspect(need(parameters, 'token'), caller, originOf(req, res)))
  })

  router.post('/oauth/revoke', parameterBody, async (req, res) => {
    res.set('Cache-Control', 'no-store')
    await revoke(need(once(parametersOf(req)), 'token'), originOf(req, res))
    res.status(200).end()
  })

  /** RFC 8414 §3: with a path in the issuer, the well-known part is inserted before it; OpenID Connect appends it. */
  const path = () => new URL(publicUrl()).pathname.replace(/\/$/, '')
  router.get(
    ['/.well-known/oauth-authorization-server{/*rest}', '/.well-known/openid-configuration'],
    (req, res, next) => {
      const rest = (req.params as { rest?: string[] }).rest
      if (rest !== undefined && `/${rest.join('/')}` !== path()) return next()
      res.set('Cache-Control', 'public, max-age=300').json(metadata(publicUrl()))
    },
  )

  router.get('/orgs/:org/.well-known/countersign', (req, res) => {
    res.set('Cache-Control', 'public, max-age=300').json(organizationMetadata(req.params.org, publicUrl()))
  })

  /** Clients made for Entra ask an authority for each tenant, and take no metadata without an authorization endpoint. */
  router.get('/orgs/:org/v2.0/.well-known/openid-configuration', (_req, res) => {
    const endpoint = `${publicUrl()}${authorizationPath}`
    res.set('Cache-Control', 'public, max-age=300').json({ ...metadata(publicUrl()), authorization_endpoint: endpoint })
  })
  // RFC 6749 §3.1.2.4: nobody is sent to a redirect_uri that is not registered, and none is.
  router.all(authorizationPath, () => {
    throw new Refusal('unsupported_response_type')
  })
  refuseOtherMethods(router, ['/oauth/introspect', '/oauth/revoke'], 'POST')
  refuseOtherMethods(
    router,
    [
      '/oauth/jwks',
      '/.well-known/openid-configuration',
      '/orgs/:org/.well-known/countersign',
      '/orgs/:org/v2.0/.well-known/openid-configuration',
    ],
    'GET, HEAD',
  )
  return router
}

/** RFC 8414 §2. */
function metadata(issuer: string) {
  return {
    issuer,
    token_endpoint: `${issuer}/oauth/token`,
    jwks_uri: `${issuer}/oauth/jwks`,
    introspection_endpoint: `${issuer}/oauth/introspect`,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    userinfo_endpoint: `${issuer}/oauth/userinfo`,
    grant_types_supported: Object.values(grantTypes),
    response_types_supported: [],
    subject_types_supported: ['public'],
    scopes_supported: ['projects:read', 'projects:write'],
    token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
    introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'Bearer'],
    revocation_endpoint_auth_methods_supported: ['none'],
    // RFC 9449 §5.1.
    dpop_signing_alg_values_supported: subjectAlgorithms,
    id_token_signing_alg_values_supported: ['ES256', 'RS256', 'EdDSA'],
    subject_token_signing_alg_values_supported: subjectAlgorithms,
  }
}

/** The same shape for a name that nobody has, so that names cannot be tried. */
function organizationMetadata(org: Organization['name'], publicUrl: string) {
  return {
    organization: org,
    audience: `${publicUrl}/orgs/${encodeURIComponent(org)}`,
    token_endpoint: `${publicUrl}/oauth/token`,
    issuer: publicUrl,
  }
}
