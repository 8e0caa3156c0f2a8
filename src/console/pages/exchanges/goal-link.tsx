import { Button } from '@mantine/core'
import { PageButton } from '../../parts/page-link.tsx'
import type { Goal } from './mends.ts'
import { accountParts } from './recorded.ts'

type Props = { org: string; goal: Goal; onCreate: () => void }

/** Where a refusal is mended. */
export function GoalLink({ org, goal, onCreate }: Props) {
  const looks = { size: 'xs', variant: 'default', children: goal.label } as const
  switch (goal.to) {
    case 'issuer':
      return <PageButton to="/$org/issuers/$issuer" params={{ org, issuer: goal.issuer }} {...looks} />
    case 'add_issuer':
      return <PageButton to="/$org/issuers" params={{ org }} search={{ add: goal.url }} {...looks} />
    case 'servers':
      return <PageButton to="/$org/resource-servers" params={{ org }} {...looks} />
    case 'create_policy':
      return (
        <Button size="xs" onClick={onCreate}>
          {goal.label}
        </Button>
      )
  }
  const parts = accountParts(goal.account)
  if (!parts) return null
  const params = { org, team: parts.team, account: parts.name }
  return goal.to === 'account' ? (
    <PageButton to="/$org/$team/service-accounts/$account" params={params} {...looks} />
  ) : (
    <PageButton
      to="/$org/$team/service-accounts/$account/policies/$policy"
      params={{ ...params, policy: goal.policy }}
      {...looks}
    />
  )
}
