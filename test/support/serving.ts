/** A process that opens a storage to serve it, says so, and keeps it until it is killed. */
import { openStorage } from '../../src/server/storage/open.ts'

const storage = await openStorage({ dataDir: process.argv[2] as string, serving: true, patienceMs: 0 })
await storage.writing.values.set('a', 'b')
process.stdout.write('serving\n')
process.stdin.resume()
