/** A process that opens a storage, writes one value, and closes it. */
import { openStorage } from '../../src/server/storage/open.ts'

const [dataDir, name] = process.argv.slice(2) as [string, string]
const storage = await openStorage({ dataDir })
await storage.writing.values.set(name, 'here')
await storage.close()
