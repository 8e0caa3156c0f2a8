import { PageLink } from '../../parts/page-link.tsx'
import { accountParts } from './recorded.ts'

/** `account`: `team/name`. */
export function AccountLink({ org, account }: { org: string; account: string }) {
  const parts = accountParts(account)
  if (!parts) return account
  return (
    <PageLink
      inherit
      to="/$org/$team/service-accounts/$account"
      params={{ org, team: parts.team, account: parts.name }}
    >
      {account}
    </PageLink>
  )
}
