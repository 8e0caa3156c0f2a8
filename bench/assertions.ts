/** Tokens as a CI platform signs them: about 1 KB of claims, RS256, each its own. Signed before anything is measured. */
import { type KeyObject, sign } from 'node:crypto'
import { promisify } from 'node:util'
import { grantTypes } from '../src/protocol/oauth.ts'

export const issuer = 'https://ci.bench.example'
export const audience = 'https://bench.example/acme'
export const subject = 'repo:acme/app:ref:refs/heads/main'

const signed = promisify(sign) as unknown as (hash: string, data: Buffer, key: KeyObject) => Promise<Buffer>
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

type Whose = { subject: string; audience: string }

/** Forms for the token endpoint; of these workloads in turn. */
export async function forms(
  count: number,
  { kid, privateKey }: { kid: string; privateKey: KeyObject },
  workloads: readonly Whose[] = [{ subject, audience }],
): Promise<string[]> {
  const iat = Math.floor(Date.now() / 1000)
  const header = part({ typ: 'JWT', alg: 'RS256', x5t: 'HyEd1tU2SN9rC0jXdvxIZY3YFQ4', kid })
  const out: string[] = []
  while (out.length < count) {
    const batch = Array.from({ length: Math.min(500, count - out.length) }, async (_, i) => {
      const input = `${header}.${part(claimsOf(out.length + i, iat, workloads))}`
      const signature = await signed('sha256', Buffer.from(input), privateKey)
      return `${new URLSearchParams({ grant_type: grantTypes.jwtBearer, assertion: `${input}.${signature.toString('base64url')}` })}`
    })
    out.push(...(await Promise.all(batch)))
  }
  return out
}

/** The claims of a GitHub Actions token. */
function claimsOf(run: number, iat: number, workloads: readonly Whose[]) {
  const { subject: sub, audience: aud } = workloads[run % workloads.length] as Whose
  return {
    jti: `0b1d9c1e-7f3a-4d53-9b0a-${String(run).padStart(12, '0')}`,
    sub,
    aud,
    ref: 'refs/heads/main',
    sha: '6e9a1f0f3f5c7a1b2c3d4e5f60718293a4b5c6d7',
    repository: 'acme/app',
    repository_owner: 'acme',
    repository_owner_id: '1234567',
    run_id: String(9_000_000_000 + run),
    run_number: '412',
    run_attempt: '1',
    repository_visibility: 'private',
    repository_id: '76543210',
    actor_id: '7654321',
    actor: 'octocat',
    workflow: 'Build and deploy',
    head_ref: '',
    base_ref: '',
    event_name: 'push',
    ref_protected: 'true',
    ref_type: 'branch',
    workflow_ref: 'acme/app/.github/workflows/deploy.yaml@refs/heads/main',
    workflow_sha: '6e9a1f0f3f5c7a1b2c3d4e5f60718293a4b5c6d7',
    job_workflow_ref: 'acme/app/.github/workflows/deploy.yaml@refs/heads/main',
    job_workflow_sha: '6e9a1f0f3f5c7a1b2c3d4e5f60718293a4b5c6d7',
    runner_environment: 'github-hosted',
    enterprise: 'acme-inc',
    enterprise_id: '4321',
    iss: issuer,
    nbf: iat - 300,
    exp: iat + 6 * 3600,
    iat,
  }
}
