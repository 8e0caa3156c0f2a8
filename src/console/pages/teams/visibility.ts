/** What the visibility of a project means for whom, in words: domain.md's table. */
import type { Visibility } from '../../wire/shapes.ts'

type Reach = 'nothing' | 'read' | 'read and write'
type Audience = 'team' | 'organization' | 'others'

export const audiences: Record<Audience, string> = {
  team: 'Members of the team and its service accounts',
  organization: 'Service accounts of the organization',
  others: 'Everybody else in the organization, and service accounts of other teams',
}

/** `restricted`: of those who are added, by their role; of the others, nothing. */
export const reaches: Record<Visibility, Record<Audience, Reach>> = {
  team: { team: 'read and write', organization: 'read and write', others: 'nothing' },
  restricted: { team: 'nothing', organization: 'nothing', others: 'nothing' },
  open: { team: 'read and write', organization: 'read and write', others: 'read and write' },
  public: { team: 'read and write', organization: 'read and write', others: 'read' },
}

export const visibilities: readonly { value: Visibility; label: string; about: string }[] = [
  { value: 'team', label: 'Team', about: 'The team reads and writes, and so do service accounts of the organization.' },
  {
    value: 'restricted',
    label: 'Restricted',
    about: 'Only who is added, each with a role. Service accounts of other teams cannot be added.',
  },
  { value: 'open', label: 'Open', about: 'Everybody in the organization reads and writes.' },
  { value: 'public', label: 'Public', about: 'The team reads and writes; everybody else in the organization reads.' },
]

export const visibilityLabel = (visibility: Visibility): string =>
  visibilities.find(({ value }) => value === visibility)?.label ?? visibility

const order: readonly Reach[] = ['nothing', 'read', 'read and write']

export type Shift = { gains: string[]; loses: string[] }

/** Who gains and who loses by the change. */
export function shiftOf(from: Visibility, to: Visibility): Shift {
  const shift: Shift = { gains: [], loses: [] }
  for (const [audience, who] of Object.entries(audiences) as [Audience, string][]) {
    const before = reaches[from][audience]
    const after = reaches[to][audience]
    const up = order.indexOf(after) - order.indexOf(before)
    if (up > 0)
      shift.gains.push(`${who} will ${after} it${before === 'nothing' ? '' : `, where they could only ${before}`}.`)
    if (up < 0) shift.loses.push(`${who} will ${after === 'nothing' ? 'not reach it any more' : `only ${after} it`}.`)
  }
  if (from !== 'restricted' && to === 'restricted')
    shift.loses.push('Only those who are added stay in, with the role given to each.')
  if (from === 'restricted' && to !== 'restricted')
    shift.loses.push('Roles in the project add nothing then: who was added reaches it as everybody else does.')
  return shift
}
