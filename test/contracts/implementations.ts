/** Every implementation keeps the same contracts: a suite is written once, and runs on each. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStorage } from '../../src/server/storage/open.ts'
import type { Storage } from '../../src/server/storage/storage.ts'
import { sharedPostgres } from '../support/postgres.ts'
import { installing } from '../support/program.ts'

/** A database with its schema, to be copied for each test. */
let template: Promise<string> | undefined
async function makeTemplate(): Promise<string> {
  const postgres = await sharedPostgres()
  const url = await postgres.create()
  await (await openStorage({ url, dataDir: '' })).close()
  return new URL(url).pathname.slice(1)
}

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
  {
    name: 'PostgreSQL',
    async open() {
      const postgres = await sharedPostgres()
      template ??= makeTemplate()
      const url = await postgres.create(await template)
      const storage = await openStorage({ url, dataDir: '' })
      return {
        storage,
        async discard() {
          await storage.close()
          // Nobody waits for it.
          postgres.drop(url).catch(() => {})
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
      before(async function () {
        this.timeout(installing)
        await (await open()).discard()
      })
      beforeEach(async () => {
        opened = await open()
      })
      afterEach(() => opened.discard())
      suite(() => opened.storage)
    })
  }
}
