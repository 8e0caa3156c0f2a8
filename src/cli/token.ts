/**
 * The exchange, here and now. Rules: where somebody looks, the token is not shown unless they say so, and what could not be
 * shown is not asked for; a program that reads gets it as it asks: alone, as a variable, a header, for kubectl.
 */
import type { AccessToken } from '../client/token-provider.ts'
import type { JsonObject } from '../protocol/json.ts'
import type { Fill } from './commands.ts'
import { misuse } from './failure.ts'
import type { Io } from './io.ts'
import { execCredentialFor } from './job/exec-credential.ts'
import { maskInLog } from './job/masked.ts'
import { type JobOptions, withCacheOption, withJobOptions } from './job/options.ts'
import { openJob } from './job/provider.ts'
import type { Session } from './session.ts'

const formats = ['text', 'env', 'header', 'exec-credential']
type Options = JobOptions & { show?: boolean }

export const token: Fill = (command, act) =>
  withCacheOption(withJobOptions(command))
    .description('exchange the identity of this job for an access token; on a terminal it is not shown')
    .option('--show', 'the token itself, on a terminal too')
    .addHelpText('after', examples)
    .action(
      act(async (session, options: Options) => {
        const format = formatOf(session, options)
        const write = format === undefined ? undefined : writer(format, session.io)
        const { token } = await openJob(session, options)
        if (write === undefined) {
          await session.show(described(token))
          session.note('--show shows the token itself')
          return
        }
        maskInLog(session.io, token.token)
        const text = write(token)
        if (text === undefined) await session.show({ access_token: token.token, ...described(token) })
        else session.data(text)
      }, formats),
    )

/** undefined: a description without the token. Throws Failure, for what a terminal is not to show. */
function formatOf({ io, options, format }: Session, { show }: Options): string | undefined {
  const isAsked = options.json || options.output || io.env.COUNTERSIGN_OUTPUT
  if (format.kind === 'table') return isAsked || (io.stdout.isTTY && !show) ? undefined : 'text'
  if (io.stdout.isTTY && !show && !(format.kind === 'value' && format.field !== 'access_token'))
    throw misuse('this would show the token on the terminal', '--show, if that is wanted; without -o it is described')
  return format.kind === 'own' ? format.name : 'members'
}

/** Throws Failure before anything is asked for, where the token could not be written. */
function writer(format: string, io: Io): (token: AccessToken) => string | undefined {
  switch (format) {
    case 'text':
      return ({ token }) => token
    case 'env':
      return ({ token }) => `export COUNTERSIGN_ACCESS_TOKEN=${quoted(token)}`
    case 'header':
      return ({ token }) => `Authorization: Bearer ${token}`
    case 'exec-credential':
      return execCredentialFor(io.env)
    default:
      return () => undefined
  }
}

/** For sh: whatever it is, it is one word. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** All but the token. */
export const described = ({ tokenType, expiresAt, scopes, ...token }: AccessToken): JsonObject => ({
  token_type: tokenType,
  expires_at: expiresAt.toISOString(),
  scope: scopes.join(' '),
  service_account: token.serviceAccountId ?? null,
  source: token.source,
  request_id: token.requestId ?? null,
})

const examples = `
-o also takes text (the default where a program reads), env, header and exec-credential (for kubectl).

Examples:
  TOKEN=$(countersign token)
  eval "$(countersign token --sa ml/trainer -o env)"
  countersign token -o header | curl -H @- https://api.example/`
