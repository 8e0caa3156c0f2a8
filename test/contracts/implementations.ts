/** Every implementation keeps the same contracts: a suite is written once, and runs on each. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStorage } from '../../src/server/storage/open.ts'
import type { Storage } from '../../src/server/storage/storage.ts'

type Implementation = { name: string; open(): Promise<{ storage: Storage; discard(): Promise<void> }> }

const implementations: readonly Implementation[] = [
  {
    name: 'SQLite',
    async open() {
      const dataDir = mkdtempSync(join(tmpdir(), 'countersign-'))
      const storage = await openStorage({ dataDir })
      return {
        storage,
        async discard() {
          await storage.close()
          rmSync(dataDir, { recursive: true })
        },
      }
    },
  },
]

/** Runs the suite on every implementation, each test on an empty storage of its own. */
export function contract(title: string, suite: (storage: () => Storage) => void): void {
  for (const { name, open } of implementations) {
    describe(`${title} on ${name}`, () => {
      let opened: Awaited<ReturnType<typeof open>>
      beforeEach(async () => {
        opened = await open()
      })
      afterEach(() => opened.discard())
      suite(() => opened.storage)
    })
  }
}
