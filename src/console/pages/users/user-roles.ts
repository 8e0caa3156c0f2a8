import type { Choice } from '../../parts/choice-dialog.tsx'
import type { Role } from '../../wire/shapes.ts'

/** In the organization. */
export const userRoles: readonly Choice<Role>[] = [
  {
    value: 'admin',
    label: 'Admin',
    about: 'Runs the organization: users, teams, issuers, service accounts and their keys. Reads its audit trail.',
  },
  { value: 'member', label: 'Member', about: 'Does what their teams and projects allow.' },
  { value: 'viewer', label: 'Viewer', about: 'Only looks and reads, whatever their teams and projects allow.' },
]
