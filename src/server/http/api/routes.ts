import { createTallies } from '../../audit/tally.ts'
import type { Rooms, Route } from './route.ts'
import { accountRoutes } from './routes/accounts.ts'
import { auditRoutes } from './routes/audit-events.ts'
import { exchangeStatsRoutes } from './routes/exchange-stats.ts'
import { explainRoutes } from './routes/explain.ts'
import { fileRoutes } from './routes/files.ts'
import { hygieneRoutes } from './routes/hygiene.ts'
import { installationRoutes } from './routes/installation.ts'
import { issuerRoutes } from './routes/issuers.ts'
import { lintRoutes } from './routes/lint.ts'
import { organizationRoutes } from './routes/organizations.ts'
import { peopleRoutes } from './routes/people.ts'
import { presetRoutes } from './routes/presets.ts'
import { projectRoutes } from './routes/projects.ts'
import { resourceServerRoutes } from './routes/resource-servers.ts'
import { restoredRoutes } from './routes/restored.ts'
import { teamRoutes } from './routes/teams.ts'

/** Every route of the admin API. A new one is added here, and is then served, described and walked by the tests. */
export function allRoutes(rooms: Rooms): Route[] {
  // Remembered once, for whoever asks.
  const tallies = createTallies(rooms.reading.trail)
  return [
    ...installationRoutes(rooms),
    ...restoredRoutes(rooms),
    ...organizationRoutes(rooms),
    ...peopleRoutes(rooms),
    ...teamRoutes(rooms),
    ...projectRoutes(rooms),
    ...issuerRoutes(rooms, tallies),
    ...presetRoutes(rooms),
    ...accountRoutes(rooms),
    ...lintRoutes(rooms),
    ...resourceServerRoutes(rooms),
    ...fileRoutes(rooms),
    ...auditRoutes(rooms),
    ...exchangeStatsRoutes(rooms, tallies),
    ...hygieneRoutes(rooms),
    ...explainRoutes(rooms),
  ]
}
