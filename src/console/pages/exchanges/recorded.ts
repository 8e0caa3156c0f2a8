/** What the console reads of an event `token.exchange`. Pure: of what a stranger may have sent, only texts are taken. */
import type { AuditEvent, ExplainStep } from '../../wire/shapes/trail.ts'

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

export type Recorded = ReturnType<typeof recordedIn>
/** `account`: `team/name` of whom it was granted for, or would have been. `asked`: as the job named it. */
export function recordedIn({
  detail,
  team,
  target,
  result,
}: Pick<AuditEvent, 'detail' | 'team' | 'target' | 'result'>) {
  const named = text(detail.service_account)
  const { claims, header, audience } = detail
  return {
    account:
      named ?? (target?.type === 'service_account' && team && target.name ? `${team}/${target.name}` : undefined),
    user: target?.type === 'user' ? target.name : undefined,
    isGranted: result === 'granted',
    asked: text(detail.requested_service_account),
    subject: text(detail.subject),
    issuer: text(detail.issuer),
    audiences: (Array.isArray(audience) ? audience : [audience]).filter((one) => typeof one === 'string'),
    grantType: text(detail.grant_type),
    scope: text(detail.scope),
    target: text(detail.target),
    expiresAt: text(detail.expires_at),
    jti: text(detail.jti),
    policy: text(detail.policy),
    message: text(detail.message),
    refusedAs: text(detail.refused_as),
    claims: isObject(claims) ? claims : undefined,
    header: isObject(header) ? header : undefined,
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `team/name`, in its two parts. */
export function accountParts(account: string): { team: string; name: string } | undefined {
  const at = account.indexOf('/')
  return at < 1 ? undefined : { team: account.slice(0, at), name: account.slice(at + 1) }
}

/** What the token that was read calls its issuer. */
export function issuerOf(steps: readonly ExplainStep[]): string | undefined {
  const received = steps.find(({ step }) => step === 'read')?.received
  return isObject(received) ? text(received.iss) : undefined
}
