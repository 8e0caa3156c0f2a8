import type { FederationError, FederationErrorCategory } from '../../client/federation-error.ts'
import type { JsonObject } from '../../protocol/json.ts'
import { Failure } from '../failure.ts'
import { type Exit, exit } from '../terminal.ts'

const exits: Record<FederationErrorCategory, Exit> = {
  usage: exit.usage,
  credential: exit.unauthenticated,
  denied: exit.refused,
  unavailable: exit.unavailable,
}

/** No access token: what @countersign/client says of it, with the exit code that it stands for. */
export function failureOfExchange(error: FederationError): Failure {
  const { category, code, requestId, docs } = error
  const { status, retryAfter } = error as { status?: number; retryAfter?: number }
  const problem: JsonObject = {
    ...(status === undefined ? {} : { status }),
    ...(retryAfter === undefined ? {} : { retry_after: retryAfter }),
    ...(requestId === undefined ? {} : { request_id: requestId }),
    ...(docs === undefined ? {} : { docs: `docs/${docs.replace(/^docs\//, '')}` }),
  }
  const { message, hint } = said(error)
  return new Failure(message, {
    // A key that nobody knows is no key.
    exit: status === 401 ? exit.unauthenticated : exits[category],
    code,
    hint: hint ?? (retryAfter === undefined ? undefined : `try again in ${retryAfter} s`),
    problem,
    cause: error,
  })
}

/** All that was looked for is a page of its own. */
const said = ({ name, message, hint }: FederationError): { message: string; hint: string | undefined } =>
  name === 'NoAmbientCredentialError'
    ? {
        message: 'nothing here says who this job is',
        hint: 'countersign ambient shows where was looked; or set COUNTERSIGN_IDENTITY_TOKEN_FILE or COUNTERSIGN_API_KEY',
      }
    : { message, hint }

/** Known by its members, to load nothing for it. */
export const isFederationError = (error: unknown): error is FederationError =>
  error instanceof Error && 'retryable' in error && Object.hasOwn(exits, (error as FederationError).category)
