import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { fromAddress, inAddress } from '../wire/addresses.ts'
import { inOrg, texts } from './entry.ts'

/** Of a path that names a team, and what else it names. */
const named = <K extends string = 'team'>() => {
  type Named = { [Name in K | 'team']: string }
  return {
    parse: (params: Named): Named => ({ ...params, team: fromAddress(params.team) }),
    stringify: (params: Named): Named => ({ ...params, team: inAddress('team', params.team) }),
  }
}

export const teamHome = createRoute({
  ...inOrg,
  path: '/$team',
  params: named(),
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/$org/$team/service-accounts', params })
  },
})
export const teamAccountsRoute = createRoute({
  ...inOrg,
  path: '/$team/service-accounts',
  params: named(),
  validateSearch: texts('q', 'method', 'new'),
  component: lazyRouteComponent(() => import('../pages/teams/team-accounts-page.tsx'), 'TeamAccountsPage'),
})
export const teamAccountRoute = createRoute({
  ...inOrg,
  path: '/$team/service-accounts/$account',
  params: named<'account'>(),
  validateSearch: texts('tab'),
  component: lazyRouteComponent(() => import('../pages/accounts/team-account-page.tsx'), 'TeamAccountPage'),
})
/** `$policy`: an id, or `new`; `from`: the request id of a refusal that it is to mend. */
export const policyRoute = createRoute({
  ...inOrg,
  path: '/$team/service-accounts/$account/policies/$policy',
  params: named<'account' | 'policy'>(),
  validateSearch: texts('from'),
  component: lazyRouteComponent(() => import('../pages/policies/policy-page.tsx'), 'PolicyPage'),
})
export const projectsRoute = createRoute({
  ...inOrg,
  path: '/$team/projects',
  params: named(),
  validateSearch: texts('q', 'deleted', 'new'),
  component: lazyRouteComponent(() => import('../pages/teams/projects-page.tsx'), 'ProjectsPage'),
})
export const projectRoute = createRoute({
  ...inOrg,
  path: '/$team/projects/$project',
  params: named<'project'>(),
  component: lazyRouteComponent(() => import('../pages/teams/project-page.tsx'), 'ProjectPage'),
})
export const membersRoute = createRoute({
  ...inOrg,
  path: '/$team/members',
  params: named(),
  validateSearch: texts('new'),
  component: lazyRouteComponent(() => import('../pages/teams/members-page.tsx'), 'MembersPage'),
})
