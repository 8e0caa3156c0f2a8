import { Problem } from './problem.ts'

/**
 * What the service said against members of a body, by their names: a form shows them at its fields.
 * `fieldOf`: which field a reason speaks of, where the service names no member.
 */
export function fieldErrors(problem: unknown, fieldOf: Record<string, string> = {}): Record<string, string> {
  if (!(problem instanceof Problem)) return {}
  const said: Record<string, string> = {}
  for (const { path, message } of problem.errors) {
    const field = path.split('.')[0] ?? path
    said[field] = field in said ? `${said[field]}; ${message}` : message
  }
  const field = fieldOf[problem.reason]
  if (field !== undefined && !(field in said)) said[field] = problem.message
  return said
}
