import { Skeleton } from '@mantine/core'
import type { ReactNode } from 'react'
import { ManagedBadge } from '../../parts/badges.tsx'
import { Page } from '../../parts/page.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { useObject } from '../../wire/objects.ts'
import { mayChangeOrg } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { Team } from '../../wire/shapes.ts'
import { TeamActions } from './team-actions.tsx'

type Props = {
  org: string
  /** Its name or id, as it stands in the address. */
  team: string
  actions?: ReactNode
  children: ReactNode
}

/** Around the three pages of a team: which team it is, and the way to the other two. */
export function TeamFrame({ org, team, actions, children }: Props) {
  const { data, error, refetch } = useObject<Team>(`/orgs/${org}/teams/${team}`)
  const { me } = useSession()
  const params = { org, team }
  if (error && !data)
    return (
      <Page title={team}>
        <ProblemAlert error={error} retry={() => void refetch()} />
      </Page>
    )
  return (
    <Page
      title={data?.display_name ?? data?.name ?? team}
      about={data && (data.display_name ? <span className="mono">{data.name}</span> : 'A team')}
      badges={<ManagedBadge by={data?.managed_by ?? null} />}
      actions={
        data && (
          <>
            {actions}
            {mayChangeOrg(me) && <TeamActions org={org} team={data} />}
          </>
        )
      }
    >
      {/* How high its name is decides where all else stands, which is asked for meanwhile. */}
      {!data && <Skeleton height={34} role="status" aria-label="Loading the team" />}
      <nav className="tabs" aria-label="Of this team">
        <PageLink to="/$org/$team/service-accounts" params={params} underline="never">
          Service accounts
        </PageLink>
        <PageLink to="/$org/$team/projects" params={params} underline="never">
          Projects
        </PageLink>
        <PageLink to="/$org/$team/members" params={params} underline="never">
          Members
        </PageLink>
      </nav>
      {children}
    </Page>
  )
}
