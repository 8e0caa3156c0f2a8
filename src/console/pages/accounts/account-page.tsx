import { useEffect } from 'react'
import { accountRoute } from '../../router.ts'
import { useTagged } from '../../wire/objects.ts'
import type { ServiceAccount } from '../../wire/shapes.ts'
import { AccountView } from './account-view.tsx'

/** An organization-scoped account; one of a team, asked for by its id, is shown where it belongs. */
export function AccountPage() {
  const { org, account } = accountRoute.useParams()
  const navigate = accountRoute.useNavigate()
  const path = `/orgs/${org}/service-accounts/${account}`
  const team = useTagged<ServiceAccount>(path).data?.value.team
  useEffect(() => {
    if (!team) return
    const params = { org, team, account }
    void navigate({ to: '/$org/$team/service-accounts/$account', params, replace: true })
  }, [team, org, account, navigate])
  return <AccountView org={org} path={path} />
}
