/** Where an organization is not what its file says: the same as a plan, told from the other side. */
import { printable } from '../cell.ts'
import type { Change } from './plan-text.ts'

/** Without what is only to be adopted. */
export const driftIn = (changes: readonly Change[]): readonly Change[] =>
  changes.filter(
    ({ action, after = {} }) => action !== 'update' || Object.keys(after).some((name) => name !== 'managed_by'),
  )

export function driftText(drift: readonly Change[]): string {
  return drift
    .flatMap(({ action, path, before = {}, after = {} }) => {
      if (action === 'create') return [`- ${path}  (the file has it, the organization has not)`]
      if (action === 'delete') return [`+ ${path}  (the organization has it, the file has not)`]
      const names = Object.keys(after).filter((name) => name !== 'managed_by')
      const members = names.map(
        (name) => `    ${name}: ${JSON.stringify(after[name])} in the file, ${JSON.stringify(before[name])} there`,
      )
      return [`~ ${path}`, ...members]
    })
    .map(printable)
    .join('\n')
}
