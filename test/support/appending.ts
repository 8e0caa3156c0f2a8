/** A process that appends to a trail for as long as it lives, and prints the id of every event that is durable. */
import { openStorage } from '../../src/server/storage/open.ts'
import { deedOf } from './nouns.ts'
import { trailOf } from './trails.ts'

const storage = await openStorage({ dataDir: process.argv[2] as string })
const trail = trailOf(storage)

async function appendForEver(): Promise<void> {
  for (;;) {
    const { id } = await trail.append(deedOf())
    process.stdout.write(`${id}\n`)
  }
}

await Promise.all(Array.from({ length: 20 }, appendForEver))
