/** The pages that hang on no organization, and what all others hang on. */
import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, createRoute, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router'
import { Frame } from '../frame/frame.tsx'
import { NotHere, PageFailed } from '../frame/not-here.tsx'
import { fromAddress, inAddress } from '../wire/addresses.ts'
import { isOperator } from '../wire/rights.ts'
import { sessionQuery } from '../wire/session.ts'

type Context = { client: QueryClient }

/** The search of an address, of which only these members count, as texts. */
export const texts =
  <K extends string>(...names: readonly K[]) =>
  (search: Record<string, unknown>): { [Name in K]?: string } => {
    const found: { [Name in K]?: string } = {}
    for (const name of names) {
      const value = search[name]
      if (typeof value === 'string' || typeof value === 'number') found[name] = `${value}`
    }
    return found
  }

export const root = createRootRouteWithContext<Context>()({ component: Outlet, notFoundComponent: NotHere })

export const signInRoute = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: texts('return_to', 'sso_error', 'request_id'),
  component: lazyRouteComponent(() => import('../pages/entry/sign-in-page.tsx'), 'SignInPage'),
})
export const setupRoute = createRoute({
  getParentRoute: () => root,
  path: '/setup/$secret',
  component: lazyRouteComponent(() => import('../pages/entry/setup-page.tsx'), 'SetupPage'),
})

/** Whatever needs somebody who has signed in. */
export const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  async beforeLoad({ context, location }) {
    const { session } = await context.client.ensureQueryData(sessionQuery)
    if (!session?.me) throw redirect({ to: '/sign-in', search: { return_to: location.href } })
    return { me: session.me }
  },
  component: Frame,
  errorComponent: PageFailed,
})
export const home = createRoute({
  getParentRoute: () => inside,
  path: '/',
  beforeLoad({ context }) {
    if (isOperator(context.me)) throw redirect({ to: '/installation' })
    throw redirect({ to: '/$org', params: { org: context.me.org ?? '' } })
  },
})
const inRoot = { getParentRoute: () => inside, errorComponent: PageFailed } as const
export const profileRoute = createRoute({
  ...inRoot,
  path: '/profile',
  component: lazyRouteComponent(() => import('../pages/profile/profile-page.tsx'), 'ProfilePage'),
})
export const installationRoute = createRoute({
  ...inRoot,
  path: '/installation',
  validateSearch: texts('tab'),
  component: lazyRouteComponent(() => import('../pages/installation/installation-page.tsx'), 'InstallationPage'),
})
export const orgRoute = createRoute({
  ...inRoot,
  path: '/$org',
  params: {
    parse: ({ org }) => ({ org: fromAddress(org) }),
    stringify: ({ org }) => ({ org: inAddress('organization', org) }),
  },
  component: Outlet,
})

export const inOrg = { getParentRoute: () => orgRoute, errorComponent: PageFailed } as const
