import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { inOrg, texts } from './entry.ts'

export const teamHome = createRoute({
  ...inOrg,
  path: '/$team',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/$org/$team/service-accounts', params })
  },
})
export const teamAccountsRoute = createRoute({
  ...inOrg,
  path: '/$team/service-accounts',
  validateSearch: texts('q', 'method', 'new'),
  component: lazyRouteComponent(() => import('../pages/teams/team-accounts-page.tsx'), 'TeamAccountsPage'),
})
export const teamAccountRoute = createRoute({
  ...inOrg,
  path: '/$team/service-accounts/$account',
  validateSearch: texts('tab'),
  component: lazyRouteComponent(() => import('../pages/accounts/team-account-page.tsx'), 'TeamAccountPage'),
})
/** `$policy`: an id, or `new`; `from`: the request id of a refusal that it is to mend. */
export const policyRoute = createRoute({
  ...inOrg,
  path: '/$team/service-accounts/$account/policies/$policy',
  validateSearch: texts('from'),
  component: lazyRouteComponent(() => import('../pages/policies/policy-page.tsx'), 'PolicyPage'),
})
export const projectsRoute = createRoute({
  ...inOrg,
  path: '/$team/projects',
  validateSearch: texts('q', 'deleted', 'new'),
  component: lazyRouteComponent(() => import('../pages/teams/projects-page.tsx'), 'ProjectsPage'),
})
export const projectRoute = createRoute({
  ...inOrg,
  path: '/$team/projects/$project',
  component: lazyRouteComponent(() => import('../pages/teams/project-page.tsx'), 'ProjectPage'),
})
export const membersRoute = createRoute({
  ...inOrg,
  path: '/$team/members',
  validateSearch: texts('new'),
  component: lazyRouteComponent(() => import('../pages/teams/members-page.tsx'), 'MembersPage'),
})
