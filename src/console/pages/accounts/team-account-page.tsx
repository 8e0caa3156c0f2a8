import { teamAccountRoute } from '../../router.ts'
import { AccountView } from './account-view.tsx'

export function TeamAccountPage() {
  const { org, team, account } = teamAccountRoute.useParams()
  return <AccountView org={org} team={team} path={`/orgs/${org}/teams/${team}/service-accounts/${account}`} />
}
