/** What is done with whoever is in a team or in a project: the same, in words of their own. */
import { Button, Group } from '@mantine/core'
import type { ReactNode } from 'react'
import { type Choice, ChoiceDialog } from '../../parts/choice-dialog.tsx'
import { ConfirmDeed } from '../../parts/confirm-deed.tsx'
import type { Column } from '../../parts/data-list.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { api } from '../../wire/request.ts'

export type Asked<Member> = { deed: 'role' | 'remove'; member: Member }

export const memberDeeds = <Member,>(
  nameOf: (member: Member) => string,
  ask: (asked: Asked<Member>) => void,
): Column<Member> => ({
  title: 'Actions',
  width: '17rem',
  align: 'right',
  cell: (member) => (
    <Group gap="xs" justify="flex-end">
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => ask({ deed: 'role', member })}
        aria-label={`Change role of ${nameOf(member)}`}
      >
        Change role
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => ask({ deed: 'remove', member })}
        aria-label={`Remove ${nameOf(member)}`}
      >
        Remove
      </Button>
    </Group>
  ),
})

type Membership = {
  /** The membership itself, below /api/v1. */
  path: string
  /** Whose it is, and in what. */
  name: string
  of: string
  onClose: () => void
}
type RoleProps<Role extends string> = Membership & {
  choices: readonly Choice<Role>[]
  current: Role
  warning: (role: Role) => string | false
  deed: (role: Role) => string
}

export function ChangeRole<Role extends string>({ path, name, of, onClose, ...words }: RoleProps<Role>) {
  const deed = useDeed((role: Role) => api.put<{ role: Role }>(path, { role }), {
    says: ({ role }) => `${name} is ${role} of ${of}`,
    onDone: onClose,
  })
  return (
    <ChoiceDialog
      title={`Role of ${name}`}
      label={`What ${name} may do in ${of}`}
      {...words}
      onClose={onClose}
      onChoose={(role) => deed.mutate(role)}
      isRunning={deed.isPending}
      error={deed.error}
    />
  )
}

/** `children`: what that ends. */
export function Remove({
  path,
  name,
  of,
  from,
  onClose,
  children,
}: Membership & { from: string; children: ReactNode }) {
  const deed = useDeed(() => api.delete(path), { says: () => `${name} is no longer in ${of}`, onDone: onClose })
  return (
    <ConfirmDeed
      title={`Remove ${name}`}
      deed={`Remove from the ${from}`}
      opened
      onClose={onClose}
      onConfirm={() => deed.mutate(undefined)}
      isRunning={deed.isPending}
      error={deed.error}
    >
      {children}
    </ConfirmDeed>
  )
}
