/** Access evaluation, as Countersign asks and answers it (OpenID AuthZEN Authorization API 1.0). */
import type { Json } from './connection.ts'
import { VerifyError } from './verify-error.ts'

export type Action = 'read' | 'write'
/** Who gets the credit for what a service account does; it never changes what is allowed. */
export type Attribution = { username?: string; email?: string }
/** `project`: `team/project`, or `project` in the caller's own team. */
export type Question = { action: Action; project: string; attribution?: Attribution }
export type Decision = {
  allowed: boolean
  /** Stable; listed in Countersign's documentation. */
  reason: string
  /** `team/project`: whom the question led to. */
  project?: string
  attributedTo?: { id: string; username: string; email: string }
  /** Why nobody gets the credit, though somebody was named. */
  attributionIgnored?: string
}

/** `jkt`: of the key whose possession the bearer has proven. */
export function askOf({ action, project, attribution }: Question, jkt?: string): Json {
  const context = {
    ...(attribution === undefined ? {} : { attribution }),
    ...(jkt === undefined ? {} : { dpop_jkt: jkt }),
  }
  return {
    action: { name: action },
    resource: { type: 'project', id: project },
    ...(Object.keys(context).length === 0 ? {} : { context }),
  }
}

/** Anything but a clear answer is no answer. Throws VerifyError('unavailable'). */
export function decisionOf(answer: unknown): Decision {
  const { decision, context } = (answer ?? {}) as { decision?: unknown; context?: Record<string, unknown> }
  if (typeof decision !== 'boolean') throw new VerifyError('unavailable', { says: 'Countersign gave no decision' })
  const { reason, project, attributed_to: person, attribution_ignored: ignored } = context ?? {}
  return {
    allowed: decision,
    reason: typeof reason === 'string' ? reason : '',
    ...(typeof project === 'string' ? { project } : {}),
    ...(person ? { attributedTo: person as NonNullable<Decision['attributedTo']> } : {}),
    ...(typeof ignored === 'string' ? { attributionIgnored: ignored } : {}),
  }
}

/** Throws what a no means to a caller: nobody (401), or not allowed (403). */
export function refuseUnlessAllowed({ allowed, reason, project }: Decision, { action }: Question): void {
  if (allowed) return
  if (reason === 'token_inactive') throw new VerifyError('inactive')
  if (reason === 'possession_unproven') throw new VerifyError('possession_unproven')
  if (reason === 'audience_not_accepted') throw new VerifyError('audience_wrong')
  if (reason === 'scope_insufficient') throw new VerifyError('scope_missing', { reason, scope: `projects:${action}` })
  const where = project === undefined ? 'this project' : `the project ${project}`
  throw new VerifyError('access_denied', { reason, says: `no ${action} access to ${where}: ${reason}` })
}
