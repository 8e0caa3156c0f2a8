/** A process that appends to a trail for as long as it lives, and prints the id of every event that is durable. */
import { createTrail } from '../../src/server/audit/trail.ts'
import { openStorage } from '../../src/server/storage/open.ts'
import { deedOf, newId } from './nouns.ts'

const storage = await openStorage({ dataDir: process.argv[2] as string })
const trail = createTrail({ store: storage.writing.trail, newId })

async function appendForEver(): Promise<void> {
  for (;;) {
    const { id } = await trail.append(deedOf())
    process.stdout.write(`${id}\n`)
  }
}

await Promise.all(Array.from({ length: 20 }, appendForEver))
