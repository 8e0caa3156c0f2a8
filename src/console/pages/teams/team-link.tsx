import { PageLink } from '../../parts/page-link.tsx'
import { isTeamAdmin } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'

type Props = { org: string; team: { id: string; name: string }; children?: string }

/** To the first page of the team that whoever is signed in may see. */
export function TeamLink({ org, team, children = team.name }: Props) {
  const { me } = useSession()
  const params = { org, team: team.name }
  return isTeamAdmin(me, team.name) ? (
    <PageLink to="/$org/$team/service-accounts" params={params} fw={600}>
      {children}
    </PageLink>
  ) : (
    <PageLink to="/$org/$team/projects" params={params} fw={600}>
      {children}
    </PageLink>
  )
}
