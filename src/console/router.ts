/** Every page and its address. Pages are fetched when they are gone to; what filters a page is in its search. */
import type { QueryClient } from '@tanstack/react-query'
import { type AnyRoute, createRouter } from '@tanstack/react-router'
import { PageFailed } from './frame/not-here.tsx'
import { PageComing } from './frame/page-coming.tsx'
import {
  home,
  inside,
  installationRoute,
  orgRoute,
  profileRoute,
  root,
  setupRoute,
  signInRoute,
} from './routes/entry.ts'
import {
  accountRoute,
  accountsRoute,
  auditRoute,
  exchangeRoute,
  exchangesRoute,
  hygieneRoute,
  issuerRoute,
  issuersRoute,
  serverRoute,
  serversRoute,
  settingsRoute,
  startRoute,
  teamsRoute,
  userRoute,
  usersRoute,
} from './routes/organization.ts'
import {
  membersRoute,
  policyRoute,
  projectRoute,
  projectsRoute,
  teamAccountRoute,
  teamAccountsRoute,
  teamHome,
} from './routes/team.ts'
import { base } from './wire/base.ts'

export * from './routes/entry.ts'
export * from './routes/organization.ts'
export * from './routes/team.ts'

const tree = root.addChildren([
  signInRoute,
  setupRoute,
  inside.addChildren([
    home,
    profileRoute,
    installationRoute,
    orgRoute.addChildren([
      startRoute,
      accountsRoute,
      accountRoute,
      teamsRoute,
      usersRoute,
      userRoute,
      issuersRoute,
      issuerRoute,
      serversRoute,
      serverRoute,
      exchangesRoute,
      exchangeRoute,
      auditRoute,
      hygieneRoute,
      settingsRoute,
      teamHome,
      teamAccountsRoute,
      teamAccountRoute,
      policyRoute,
      projectsRoute,
      projectRoute,
      membersRoute,
    ]),
  ]),
])

export const createConsoleRouter = (client: QueryClient) =>
  createRouter({
    routeTree: tree,
    context: { client },
    ...(base === '' ? {} : { basepath: base }),
    defaultPreload: 'intent',
    defaultPendingComponent: PageComing,
    defaultPendingMs: 200,
    defaultErrorComponent: PageFailed,
    scrollRestoration: true,
    // Filters are texts, as they are read in an address.
    parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
    stringifySearch(search) {
      const asked = new URLSearchParams()
      for (const [name, value] of Object.entries(search)) {
        if (value !== undefined && value !== '') asked.set(name, `${value}`)
      }
      return asked.size > 0 ? `?${asked}` : ''
    },
  })

/** What draws the page of this address, and else would be fetched only when it is known who is signed in. */
export function fetchPage(router: ReturnType<typeof createConsoleRouter>): void {
  const routes: Record<string, AnyRoute> = router.routesById
  for (const { routeId } of router.matchRoutes(router.latestLocation))
    void routes[routeId]?.options.component?.preload?.()
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>
  }
}
