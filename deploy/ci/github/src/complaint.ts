import { FederationError } from '../../../../src/client/federation-error.ts'
import type { Runner } from './runner.ts'

export function complain(runner: Pick<Runner, 'error'>, error: unknown): void {
  const { title, message } = complaintOf(error)
  runner.error(title, message)
}

/** Why, what to do, and which request it was. The client's errors hold no token. */
export function complaintOf(error: unknown): { title: string; message: string } {
  if (!(error instanceof FederationError))
    return { title: 'Countersign', message: error instanceof Error ? error.message : String(error) }
  const { code, message, hint, requestId, category } = error
  const trace =
    requestId === undefined
      ? []
      : category === 'denied'
        ? [`Request ${requestId}: an admin of the organization sees why with \`countersign explain ${requestId}\`.`]
        : [`Request ${requestId}.`]
  return { title: `Countersign: ${code}`, message: [sentence(message), ...(hint ? [hint] : []), ...trace].join('\n') }
}

const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`)
