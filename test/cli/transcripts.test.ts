/**
 * Every page of test/cli/transcripts, and some of docs/, are played against a real service and must come out as they stand.
 * TRANSCRIPTS=write writes what came instead: look at the difference before it is kept.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Command } from 'commander'
import { processIo } from '../../src/cli/io.ts'
import { createProgram, fillAll } from '../../src/cli/program.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { call, root, type Service, startService } from '../support/server.ts'
import { played } from '../support/transcript.ts'
import { must } from '../support/world.ts'

const folder = join(root, 'test/cli/transcripts')
const inHowTo = ['jobs', 'migrate-from-api-keys', 'debug-a-refusal']
const ofDocs = ['docs/reference/cli.md', ...inHowTo.map((name) => `docs/how-to/${name}.md`)]
const pages = [
  ...readdirSync(folder).map((name) => join(folder, name)),
  ...ofDocs.map((page) => join(root, page)),
].sort()

/** What has tests of its own. */
const elsewhere = ['serve', 'demo', 'backup', 'restore', 'audit verify']

describe('transcripts of the command line', () => {
  let provider: Provider
  let service: Service
  before(async () => {
    provider = await startProvider()
    service = await startService()
  })
  after(async () => {
    await provider?.close()
    await service?.close()
  })

  for (const file of pages)
    it(file.slice(root.length + 1), async () => {
      const dir = mkdtempSync(join(tmpdir(), 'countersign-'))
      const secret = service.operatorKey
      const first_admin = { username: 'root', email: 'root@acme.example' }
      const founded = await must(call(service, 'POST', '/api/v1/orgs', { secret, json: { name: 'acme', first_admin } }))
      try {
        const page = readFileSync(file, 'utf8')
        const now = await played(page, {
          dir,
          provider,
          audience: `${service.publicUrl}/orgs/acme`,
          vars: {
            URL: service.url,
            ISSUER: provider.issuer,
            OPERATOR_KEY: service.operatorKey,
            ADMIN_KEY: String(founded.api_key),
            COUNTERSIGN_URL: service.url,
            COUNTERSIGN_API_KEY: String(founded.api_key),
            COUNTERSIGN_CONFIG_DIR: join(dir, 'config'),
          },
        })
        if (process.env.TRANSCRIPTS === 'write') writeFileSync(file, now)
        else expect(now).to.equal(page)
      } finally {
        await call(service, 'DELETE', '/api/v1/orgs/acme', { secret })
        rmSync(dir, { recursive: true, force: true })
      }
    })

  it('tell of every command and verb', async () => {
    const program = createProgram(processIo(), () => {})
    await fillAll(program)
    const told = pages.map((file) => readFileSync(file, 'utf8')).join('\n')
    const untold = wordsBelow(program).filter(
      (words) => !elsewhere.includes(words) && !new RegExp(`^[$%] .*countersign ${words}(?![\\w-])`, 'm').test(told),
    )
    expect(untold).to.deep.equal([])
  })
})

/** `team list`, for every one that can be called. */
function wordsBelow(command: Command): string[] {
  return command.commands.flatMap((each) =>
    each.commands.length === 0 ? [each.name()] : wordsBelow(each).map((words) => `${each.name()} ${words}`),
  )
}
