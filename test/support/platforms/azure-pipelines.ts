/**
 * The part of Azure DevOps that gives a job its token: a POST with System.AccessToken, a version of the API, and the header
 * that keeps it from sending a browser to sign in. The audience is the same for everybody.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import type { Environment } from '../../../src/client/surroundings.ts'
import type { Provider } from '../identity-provider.ts'
import { leaks } from '../leaks.ts'
import { type Answer, type Asked, json, startLoopback } from './loopback.ts'

export const fixedAudience = 'api://AzureADTokenExchange'

const project = '271ef6f7-5998-4b0f-86fb-4b54d9129990'
const plan = '6f0c0f53-0b5e-4d0a-9a0c-6c2f3d1c7e11'
const job = '12f1170f-54f2-53f3-20dd-22fc7dff55f9'

export type AzurePipelines = {
  env: Environment
  /** That of an agent which does not give the URL whole. */
  envOfOldAgent: Environment
  /** That of a step that has not mapped System.AccessToken. */
  envUnmapped: Environment
  asked: Asked[]
  /** What comes instead, once for each. */
  instead: (Answer | null)[]
  close(): Promise<void>
}

export async function startAzurePipelines(provider: Provider, claims: Record<string, unknown> = {}) {
  const pass = `azp-${randomBytes(24).toString('hex')}`
  leaks.learn('a chosen secret', pass)
  const instead: (Answer | null)[] = []
  const path = `/acme/${project}/_apis/distributedtask/hubs/build/plans/${plan}/jobs/${job}/oidctoken`
  const server = await startLoopback(({ method, url, headers }) => {
    if (instead.length > 0) return instead.shift() as Answer | null
    if (headers.authorization !== `Bearer ${pass}`)
      return headers['x-tfs-fedauthredirect'] === 'Suppress'
        ? { status: 401 }
        : { status: 302, headers: { location: 'https://spsprodweu.vssps.visualstudio.com/_signin' } }
    if (url.pathname !== path) return { status: 404 }
    if (method !== 'POST') return { status: 405 }
    if (!/^7\.\d(-preview\.1)?$/.test(url.searchParams.get('api-version') ?? '')) return { status: 400 }
    return json({ oidcToken: provider.token({ ...documented(), ...claims, aud: fixedAudience }) })
  })
  const parts = {
    TF_BUILD: 'True',
    SYSTEM_TEAMFOUNDATIONCOLLECTIONURI: `${server.origin}/acme/`,
    SYSTEM_TEAMPROJECTID: project,
    SYSTEM_HOSTTYPE: 'build',
    SYSTEM_PLANID: plan,
    SYSTEM_JOBID: job,
  }
  const envUnmapped = { ...parts, SYSTEM_OIDCREQUESTURI: `${server.origin}${path}` }
  const started: AzurePipelines = {
    env: { ...envUnmapped, SYSTEM_ACCESSTOKEN: pass },
    envOfOldAgent: { ...parts, SYSTEM_ACCESSTOKEN: pass },
    envUnmapped,
    asked: server.asked,
    instead,
    close: server.close,
  }
  return started
}

/** Of a pipeline's own token; it lives for five minutes. */
const documented = () => ({
  jti: randomUUID(),
  sub: 'p://acme/train/acme.app',
  org_id: '0ca3ddd9-f0b0-4635-a98c-5866526961b6',
  prj_id: project,
  def_id: '1',
  rpo_id: 'acme/app',
  rpo_uri: 'https://github.com/acme/app.git',
  rpo_ver: 'c291ea713801eb300054d353d279e7b02331f671',
  rpo_ref: 'refs/heads/main',
  run_id: '5',
})
