import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { filterNames } from '../pages/audit/filters.ts'
import { askForList } from '../wire/lists.ts'
import { isOrgAdmin } from '../wire/rights.ts'
import { inOrg, texts } from './entry.ts'

export const startRoute = createRoute({
  ...inOrg,
  path: '/',
  component: lazyRouteComponent(() => import('../pages/start/start-page.tsx'), 'StartPage'),
})
const accountsSearch = texts('q', 'scope', 'team', 'method', 'new')
export const accountsRoute = createRoute({
  ...inOrg,
  path: '/service-accounts',
  validateSearch: accountsSearch,
  loaderDeps: ({ search: { q, scope, team, method } }: { search: ReturnType<typeof accountsSearch> }) => ({
    q,
    scope,
    team,
    method,
  }),
  loader({ context: { client, me }, params: { org }, deps }) {
    if (isOrgAdmin(me)) askForList(client, `/orgs/${org}/service-accounts`, deps)
  },
  component: lazyRouteComponent(() => import('../pages/accounts/accounts-page.tsx'), 'AccountsPage'),
})
export const accountRoute = createRoute({
  ...inOrg,
  path: '/service-accounts/$account',
  validateSearch: texts('tab'),
  component: lazyRouteComponent(() => import('../pages/accounts/account-page.tsx'), 'AccountPage'),
})
export const teamsRoute = createRoute({
  ...inOrg,
  path: '/teams',
  validateSearch: texts('q', 'new'),
  component: lazyRouteComponent(() => import('../pages/teams/teams-page.tsx'), 'TeamsPage'),
})
export const usersRoute = createRoute({
  ...inOrg,
  path: '/users',
  validateSearch: texts('q', 'new'),
  component: lazyRouteComponent(() => import('../pages/users/users-page.tsx'), 'UsersPage'),
})
export const userRoute = createRoute({
  ...inOrg,
  path: '/users/$user',
  component: lazyRouteComponent(() => import('../pages/users/user-page.tsx'), 'UserPage'),
})
export const issuersRoute = createRoute({
  ...inOrg,
  path: '/issuers',
  validateSearch: texts('q', 'add'),
  component: lazyRouteComponent(() => import('../pages/issuers/issuers-page.tsx'), 'IssuersPage'),
})
export const issuerRoute = createRoute({
  ...inOrg,
  path: '/issuers/$issuer',
  validateSearch: texts('edit'),
  component: lazyRouteComponent(() => import('../pages/issuers/issuer-page.tsx'), 'IssuerPage'),
})
export const serversRoute = createRoute({
  ...inOrg,
  path: '/resource-servers',
  validateSearch: texts('q', 'new'),
  component: lazyRouteComponent(() => import('../pages/resource-servers/servers-page.tsx'), 'ServersPage'),
})
export const serverRoute = createRoute({
  ...inOrg,
  path: '/resource-servers/$server',
  component: lazyRouteComponent(() => import('../pages/resource-servers/server-page.tsx'), 'ServerPage'),
})
export const exchangesRoute = createRoute({
  ...inOrg,
  path: '/exchanges',
  validateSearch: texts('span', 'from', 'to', 'result', 'reason', 'issuer', 'account', 'request_id', 'explain'),
  component: lazyRouteComponent(() => import('../pages/exchanges/exchanges-page.tsx'), 'ExchangesPage'),
})
export const exchangeRoute = createRoute({
  ...inOrg,
  path: '/exchanges/$request',
  component: lazyRouteComponent(() => import('../pages/exchanges/exchange-page.tsx'), 'ExchangePage'),
})
export const auditRoute = createRoute({
  ...inOrg,
  path: '/audit',
  validateSearch: texts(...filterNames, 'span', 'from', 'to', 'event', 'of', 'chain'),
  component: lazyRouteComponent(() => import('../pages/audit/audit-page.tsx'), 'AuditPage'),
})
export const hygieneRoute = createRoute({
  ...inOrg,
  path: '/hygiene',
  validateSearch: texts('kind'),
  component: lazyRouteComponent(() => import('../pages/hygiene/hygiene-page.tsx'), 'HygienePage'),
})
export const settingsRoute = createRoute({
  ...inOrg,
  path: '/settings',
  component: lazyRouteComponent(() => import('../pages/settings/settings-page.tsx'), 'SettingsPage'),
})
