import type { Choice } from '../../parts/choice-dialog.tsx'
import type { ProjectRole, Role } from '../../wire/shapes.ts'

/** In a team. */
export const teamRoles: readonly Choice<Role>[] = [
  {
    value: 'admin',
    label: 'Admin',
    about:
      'Reads and writes the projects; runs the team: members, projects, service accounts, their keys and policies.',
  },
  { value: 'member', label: 'Member', about: 'Reads and writes the projects of the team.' },
  { value: 'viewer', label: 'Viewer', about: 'Only reads the projects of the team.' },
]

/** In a restricted project. */
export const projectRoles: readonly Choice<ProjectRole>[] = [
  { value: 'admin', label: 'Admin', about: 'Reads and writes; a user also adds and removes others.' },
  { value: 'editor', label: 'Editor', about: 'Reads and writes.' },
  { value: 'viewer', label: 'Viewer', about: 'Only reads.' },
]

export const labelOf = <V extends string>(choices: readonly Choice<V>[], value: V): string =>
  choices.find((choice) => choice.value === value)?.label ?? value
