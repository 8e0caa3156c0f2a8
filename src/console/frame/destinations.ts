import { inAddress } from '../wire/addresses.ts'
import { useObject } from '../wire/objects.ts'
import { isAnyTeamAdmin, isOperator, isOrgAdmin, mayChangeOrg } from '../wire/rights.ts'
import type { Issuer, Me, Page, ServiceAccount, Team } from '../wire/shapes.ts'

export type Destination = { label: string; about: string; href: string }

/** The pages that somebody may go to. */
export function pagesOf(org: string | undefined, me: Me): Destination[] {
  const page = (label: string, href: string): Destination => ({ label, about: 'Page', href })
  const own = [page('Profile and sessions', '/profile')]
  if (isOperator(me)) own.unshift(page('Installation', '/installation'))
  if (org === undefined) return own
  const at = `/${inAddress('organization', org)}`
  const looking = [page('Exchanges', `${at}/exchanges`), page('Hygiene', `${at}/hygiene`), page('Audit', `${at}/audit`)]
  return [
    page('Overview', at),
    page('Service accounts', `${at}/service-accounts`),
    ...(mayChangeOrg(me) ? [page('New service account', `${at}/service-accounts?new=1`)] : []),
    page('Issuers', `${at}/issuers`),
    ...(mayChangeOrg(me) ? [page('Add an issuer', `${at}/issuers?add=1`)] : []),
    ...(isAnyTeamAdmin(me) ? looking : []),
    page('Teams', `${at}/teams`),
    page('Users', `${at}/users`),
    page('Resource servers', `${at}/resource-servers`),
    page('Settings', `${at}/settings`),
    ...own,
  ]
}

/** What is called so: teams, and of accounts and issuers what somebody may list; and the exchange of a request id. */
export function useFound(org: string | undefined, me: Me, text: string): Destination[] {
  const id = /req_[0-9a-z]{26}/.exec(text)?.[0]
  const isAsked = org !== undefined && text.length >= 2 && id === undefined
  const at = (noun: string, mayList = true) => (isAsked && mayList ? `/orgs/${org}/${noun}` : undefined)
  const query = { q: text.slice(0, 64), limit: 5 }
  const teams = useObject<Page<Team>>(at('teams'), query)
  const accounts = useObject<Page<ServiceAccount>>(at('service-accounts', isOrgAdmin(me)), query)
  const issuers = useObject<Page<Issuer>>(at('issuers', isAnyTeamAdmin(me)), query)
  if (org === undefined) return []
  const own = `/${inAddress('organization', org)}`
  if (id !== undefined) return [{ label: id, about: 'Exchange', href: `${own}/exchanges/${id}` }]
  if (!isAsked) return []
  return [
    ...(teams.data?.items ?? []).map((team) => ({
      label: team.display_name ?? team.name,
      about: 'Team',
      href: `${own}/${inAddress('team', team.name)}/service-accounts`,
    })),
    ...(accounts.data?.items ?? []).map(({ id, name, team }) => ({
      label: name,
      about: team === null ? 'Service account of the organization' : `Service account of ${team}`,
      href:
        team === null ? `${own}/service-accounts/${id}` : `${own}/${inAddress('team', team)}/service-accounts/${name}`,
    })),
    ...(issuers.data?.items ?? []).map(({ name, issuer }) => ({
      label: name,
      about: `Issuer ${issuer}`,
      href: `${own}/issuers/${name}`,
    })),
  ]
}
