import { Badge } from '@mantine/core'
import type { IssuerHealth, Method } from '../wire/shapes.ts'

export const MethodBadge = ({ method }: { method: Method }) => (
  <Badge color={method === 'federated' ? 'teal' : 'grape'}>{method === 'federated' ? 'Federated' : 'API key'}</Badge>
)

export const EnabledBadge = ({ enabled }: { enabled: boolean }) => (
  <Badge color={enabled ? 'green' : 'gray'}>{enabled ? 'Enabled' : 'Disabled'}</Badge>
)

const states = {
  ok: ['green', 'Healthy'],
  stale: ['yellow', 'Stale keys'],
  failing: ['red', 'Failing'],
  unknown: ['gray', 'Not asked yet'],
} as const
export const HealthBadge = ({ state }: { state: IssuerHealth['state'] }) => (
  <Badge color={states[state][0]}>{states[state][1]}</Badge>
)

const results = { granted: ['green', 'Granted'], refused: ['red', 'Refused'], done: ['gray', 'Done'] } as const
export const ResultBadge = ({ result }: { result: keyof typeof results }) => (
  <Badge color={results[result][0]}>{results[result][1]}</Badge>
)

/** Kept in a file under version control: changes by hand are refused unless they are forced. */
export const ManagedBadge = ({ by }: { by: string | null }) =>
  by === null ? null : <Badge color="cyan">Managed by {by}</Badge>
