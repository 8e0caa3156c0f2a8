/**
 * Google Cloud: Compute Engine, GKE with workload identity, Cloud Run, Cloud Build. The metadata server signs an OpenID
 * token for whoever is asked for (cloud.google.com/compute/docs/instances/verifying-instance-identity; the same path in
 * google-auth-library's Compute.fetchIdToken).
 */
import { SubjectTokenError } from '../federation-error.ts'
import type { SubjectTokenSource } from '../subject-token.ts'
import type { Environment, Surroundings } from '../surroundings.ts'
import { audienceNeeded } from './audience-needed.ts'
import { callPlatform, isPassing, metadataTimeout, platformUrl } from './call-platform.ts'
import { firmwareSays } from './firmware.ts'

const name = 'gcp'
const what = 'the metadata server'
/** It answers nobody without this, so that no browser and no redirect can be made to ask. */
const headers = { 'metadata-flavor': 'Google' }
/** Those of gcp-metadata (gcp-residency.ts), without what is not Google's alone (FUNCTION_NAME). */
const variables = ['GCE_METADATA_HOST', 'GCE_METADATA_IP', 'K_SERVICE', 'CLOUD_RUN_JOB', 'CLOUD_RUN_WORKER_POOL']

export const gcp: SubjectTokenSource = {
  name,
  missing: 'no variable of Cloud Run is set, and the machine is none of Google',
  detect: async (here) =>
    variables.some((variable) => here.env[variable]) ||
    (await firmwareSays(here, 'product_name', ['Google', 'Google Compute Engine'])),
  async getSubjectToken(ask, here) {
    const audience = audienceNeeded(name, ask)
    const at = server(here.env)
    await knock(here, at, ask.signal)
    const url = new URL('/computeMetadata/v1/instance/service-accounts/default/identity', at)
    url.searchParams.set('audience', audience)
    // With the project and the machine among the claims.
    url.searchParams.set('format', 'full')
    const { status, text } = await callPlatform(name, here, { what, url, headers, signal: ask.signal })
    if (status !== 200) throw refused(status)
    return { token: text.trim() }
  },
}

function server({ GCE_METADATA_IP, GCE_METADATA_HOST }: Environment): URL {
  const host = GCE_METADATA_IP || GCE_METADATA_HOST || 'metadata.google.internal'
  return platformUrl(name, 'GCE_METADATA_HOST', /^https?:\/\//.test(host) ? host : `http://${host}`)
}

/** Is anybody there, and is it Google? A token may take its time, and this may not. */
async function knock(here: Surroundings, at: URL, signal: AbortSignal): Promise<void> {
  const hint =
    'on Google Cloud, a network policy may keep us from the metadata server; elsewhere, name another source with COUNTERSIGN_SOURCE'
  const call = { what, url: at, headers, signal, timeout: metadataTimeout, whenSilent: hint }
  const answer = await callPlatform(name, here, call)
  if (answer.headers.get('metadata-flavor') !== 'Google')
    throw new SubjectTokenError(name, `${at.host} answers, and is not Google's metadata server`, { hint })
}

function refused(status: number): SubjectTokenError {
  if (status === 404)
    return new SubjectTokenError(name, 'no service account stands behind this workload', {
      code: 'no_platform_identity',
      hint: 'attach a service account to the machine or service; on GKE turn on workload identity and annotate the Kubernetes service account with iam.gke.io/gcp-service-account',
    })
  return new SubjectTokenError(name, `the metadata server gave no token (${status})`, {
    isUnavailable: isPassing(status),
    hint:
      status === 403
        ? 'on GKE the Kubernetes service account needs roles/iam.workloadIdentityUser on the service account that it is annotated with'
        : undefined,
  })
}
