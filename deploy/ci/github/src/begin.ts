import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError } from '../../../../src/client/federation-error.ts'
import { githubActions } from '../../../../src/client/sources/github-actions.ts'
import { claimsOf } from '../../../../src/client/sources/unverified.ts'
import type { SubjectTokenSource } from '../../../../src/client/subject-token.ts'
import { type AccessToken, createTokenProvider } from '../../../../src/client/token-provider.ts'
import { claimLines } from './claim-lines.ts'
import { complain } from './complaint.ts'
import { type ExportForm, type Inputs, readInputs } from './inputs.ts'
import { revokeToken } from './revoke-token.ts'
import type { Runner } from './runner.ts'
import { summaryOf } from './summary.ts'

type Env = Readonly<Record<string, string | undefined>>

/** The exit code. */
export async function begin(runner: Runner, env: Env): Promise<number> {
  try {
    runner.save('phase', 'finish')
    needsPermission(env)
    const inputs = readInputs(runner)
    const token = await exchange(runner, inputs)
    await expectAccount(token, inputs)
    runner.save('url', inputs.url)
    if (inputs.isRevoked) runner.save('token', token.token)
    tell(runner, token)
    hand(runner, env, inputs.exportForm, token.token)
    return 0
  } catch (error) {
    complain(runner, error)
    return 1
  }
}

/** Looked for before anything else, since it is what is missing most often, and nothing works without. */
function needsPermission(env: Env): void {
  if (env.ACTIONS_ID_TOKEN_REQUEST_URL && env.ACTIONS_ID_TOKEN_REQUEST_TOKEN) return
  const fork = env.GITHUB_EVENT_NAME?.startsWith('pull_request')
    ? ' A pull request from a fork never gets one: run this step where the branch is your own.'
    : ''
  throw new ConfigError('this job may not ask for an ID token', {
    code: 'permission_missing',
    hint:
      env.FORGEJO_ACTIONS === 'true'
        ? 'Give the job `enable-openid-connect: true`.'
        : `Give the job \`permissions: id-token: write\` (and \`contents: read\`, which is no longer there by itself).${fork}`,
  })
}

/** Both tokens are masked before a line is written; the claims are shown whatever came of it. */
async function exchange(runner: Runner, inputs: Inputs): Promise<AccessToken> {
  const { url, serviceAccount, scope, audience, target, ttl } = inputs
  let claims: Readonly<Record<string, unknown>> | undefined
  const source: SubjectTokenSource = {
    ...githubActions,
    async getSubjectToken(ask, here) {
      const subject = await githubActions.getSubjectToken(ask, here)
      runner.mask(subject.token.trim())
      claims = claimsOf(subject.token.trim())
      return subject
    },
  }
  const provider = createTokenProvider({ url, serviceAccount, source, scope, audience, target, ttl })
  try {
    const token = await provider.getToken()
    runner.mask(token.token)
    return token
  } finally {
    await provider[Symbol.asyncDispose]()
    if (claims) runner.group('What the job’s ID token says', claimLines(claims))
  }
}

/** "Did I land in the right place?" A token that is not what was wanted does not stay. */
async function expectAccount(
  { token, serviceAccountId, requestId }: AccessToken,
  { expected, url }: Inputs,
): Promise<void> {
  if (expected === undefined) return
  const { sub, team, name } = claimsOf(token) ?? {}
  if (sub === expected || (team && `${team}/${name}` === expected)) return
  const revoked = await revokeToken(url, token).then(
    () => 'its token is revoked',
    () => 'its token could not be revoked, and ends by itself',
  )
  const became = team ? `${team}/${name} (${sub})` : (serviceAccountId ?? 'an account that the token does not name')
  throw new ConfigError(`the job has become ${became} and not ${expected}; ${revoked}`, {
    code: 'unexpected_service_account',
    hint: 'Name the account in service-account, or look which trust policies the job’s ID token fits.',
    requestId,
  })
}

function tell(runner: Runner, token: AccessToken): void {
  const { expiresAt, serviceAccountId = '', requestId = '' } = token
  runner.output('expires-at', expiresAt.toISOString())
  runner.output('service-account-id', serviceAccountId)
  runner.output('request-id', requestId)
  const { team, name } = claimsOf(token.token) ?? {}
  const account = team ? `${team}/${name}` : ''
  runner.group(`An access token for ${account || serviceAccountId}`, [
    `account: ${serviceAccountId}`,
    `scope:   ${token.scopes.join(' ')}`,
    `expires: ${expiresAt.toISOString()}`,
    `request: ${requestId}`,
  ])
  runner.summary(summaryOf({ account, id: serviceAccountId, expiresAt, requestId }))
}

function hand(runner: Runner, env: Env, form: ExportForm, token: string): void {
  if (form === 'env') runner.variable('COUNTERSIGN_ACCESS_TOKEN', token)
  if (form === 'output') runner.output('token', token)
  if (form !== 'file') return
  // Not in the workspace: there it would be committed, or packed into an image.
  const folder = join(env.RUNNER_TEMP || tmpdir(), `countersign-${randomUUID()}`)
  runner.save('folder', folder)
  mkdirSync(folder, { mode: 0o700 })
  const file = join(folder, 'token')
  writeFileSync(file, token, { mode: 0o600, flag: 'wx' })
  runner.output('credentials-file', file)
  runner.variable('COUNTERSIGN_ACCESS_TOKEN_FILE', file)
}
