/** From what the service answered, or did not, to the exit code, the sentence and the next step. */
import type { JsonObject } from '../protocol/json.ts'
import type { Reply } from './client.ts'
import { Failure } from './failure.ts'
import { type Exit, exit } from './terminal.ts'

/** `path`, `secret`: what was asked, and with what. */
export function failureOf({ status, headers, text }: Reply, path: string, secret: string | undefined) {
  const problem = problemIn(text)
  const code = String(problem.reason ?? problem.error ?? `http_${status}`)
  const retry = headers.get('retry-after')
  const requestId = problem.request_id ?? headers.get('x-request-id')
  return new Failure(sentenceOf(problem, status), {
    exit: exitOf(status, problem),
    code,
    hint:
      retry !== null
        ? `try again in ${retry} s`
        : // It is there to be pasted.
          refusals.includes(String(problem.error)) && /^[\w-]{1,64}$/.test(String(requestId ?? ''))
          ? `countersign explain ${requestId}`
          : hintFor(status, code, path, secret),
    problem: {
      ...problem,
      status,
      ...(requestId ? { request_id: requestId } : {}),
      ...(retry === null ? {} : { retry_after: retry }),
    },
  })
}

/** RFC 6749's errors that mean: your token is understood, and is not let in. */
const refusals = ['invalid_grant', 'invalid_scope', 'invalid_target', 'unauthorized_client', 'access_denied']

function exitOf(status: number, problem: JsonObject): Exit {
  if (status === 401) return exit.unauthenticated
  if (status === 403 || refusals.includes(String(problem.error)) || Array.isArray(problem.findings)) return exit.refused
  if (status === 404) return exit.notFound
  if (problem.reason === 'issuer_unreachable') return exit.unavailable
  if (status === 409 || status === 412 || status === 428) return exit.conflict
  if (status === 429 || status >= 500) return exit.unavailable
  return status >= 400 ? exit.usage : exit.failed
}

const hints: Record<string, string> = {
  forbidden: 'countersign whoami --verify shows what you are',
  name_taken: 'choose another name, or change the one that is there with update',
  lint_refused: 'better as it says there; or --override-reason TEXT, which the audit trail keeps',
  managed: 'it is kept in files: change it there and apply, or give --force',
}

function hintFor(status: number, code: string, path: string, secret: string | undefined): string | undefined {
  if (status === 404) return whatIsThere(path)
  if (status === 401)
    return secret === undefined
      ? 'countersign login, or set COUNTERSIGN_API_KEY'
      : 'the key is unknown, revoked or expired there: countersign login, or another COUNTERSIGN_API_KEY'
  if (status >= 300 && status < 400) return 'give the URL that it is served at: redirects are not followed with a key'
  return hints[code]
}

const nouns: Record<string, string> = {
  orgs: 'org',
  teams: 'team',
  users: 'user',
  members: 'member',
  projects: 'project',
  issuers: 'issuer',
  keys: 'key',
  'service-accounts': 'sa',
  'trust-policies': 'policy',
  'resource-servers': 'resource-server',
}

/** The last collection of the path, and the organization that it was looked for in. */
function whatIsThere(path: string): string | undefined {
  const [, , , , org, ...parts] = path.split('?')[0]?.split('/') ?? []
  const noun = parts.length === 0 ? 'org' : nouns[parts.findLast((part) => part in nouns) ?? '']
  if (!path.startsWith('/api/v1/orgs/') || noun === undefined) return undefined
  return `countersign ${noun} list shows what is there${noun === 'org' ? '' : `, in the organization ${org}`}`
}

function sentenceOf(problem: JsonObject, status: number): string {
  const said = problem.detail ?? problem.error_description ?? problem.title
  return typeof said === 'string' ? said : `the service answered ${status}`
}

function problemIn(text: string): JsonObject {
  try {
    const read: unknown = JSON.parse(text)
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? (read as JsonObject) : {}
  } catch {
    return {}
  }
}

/** Nobody answered, or not in time. */
export function unreachable(url: string, error: unknown): Failure {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } }
  const late = name === 'TimeoutError'
  const why = late ? 'no answer in time' : (cause?.code ?? cause?.message ?? message)
  return new Failure(`${url} cannot be reached (${why})`, {
    exit: exit.unavailable,
    code: late ? 'timeout' : 'unreachable',
    hint: 'is the service running there? COUNTERSIGN_URL or --url says where; countersign doctor looks closer',
    cause: error,
  })
}
