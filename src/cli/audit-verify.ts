import { verifyLanes, verifyTrails } from '../server/audit/verify.ts'
import { loadSettings } from '../server/settings.ts'
import { openStorage } from '../server/storage/open.ts'
import { root } from './root.ts'
import { exit, terminal } from './terminal.ts'

/**
 * One line a chain: organization, events (since when, where earlier ones were past their time), and the hash of its last event, which can be kept elsewhere. A database that is
 * not there is a failure: a fresh one, with nothing in it, would verify.
 */
export async function auditVerifyCommand(): Promise<number> {
  const settings = loadSettings(root)
  const storage = await openStorage({ url: settings.databaseUrl, dataDir: settings.dataDir, mustExist: true })
  try {
    const lanes = storage.sealing ? await verifyLanes(storage.sealing) : []
    const chains = [...(await verifyTrails(storage.reading.trail, storage.sealing)), ...lanes]
    for (const { org, events, head, since, brokenAt } of chains) {
      if (brokenAt)
        terminal.data(
          `BROKEN  ${org}  at event ${brokenAt.seq}${brokenAt.id ? ` (${brokenAt.id})` : ''}: ${brokenAt.why}`,
        )
      else terminal.data(`ok      ${org}  ${events} events${since ? ` since ${since}` : ''}  head ${head.hash}`)
    }
    const broken = chains.filter(({ brokenAt }) => brokenAt)
    terminal.note(
      broken.length === 0 ? `${chains.length} chains verify` : `${broken.length} of ${chains.length} chains are broken`,
    )
    return broken.length === 0 ? exit.done : exit.failed
  } finally {
    await storage.close()
  }
}
