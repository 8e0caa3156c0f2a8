/** `countersign backup` and `restore` where something is wrong with the call; what they do: journeys/restore. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { countersign } from '../support/command.ts'

describe('countersign backup and restore', () => {
  let dataDir: string
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'countersign-'))
  })
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

  const postgres = {
    DATABASE_URL: 'postgres://user:secret@127.0.0.1:9/db',
    MASTER_KEY: Buffer.alloc(32, 1).toString('base64'),
  }
  const calls: [args: string[], env: Record<string, string>, code: number, complaint: RegExp][] = [
    [['backup'], {}, 2, /missing required argument 'file'/],
    [
      ['backup', '/tmp/x'],
      postgres,
      1,
      /^countersign: backup: .*PostgreSQL's own means, see docs\/how-to\/backups\.md\n$/,
    ],
    [
      ['restore', '/tmp/x'],
      postgres,
      1,
      /^countersign: restore: .*PostgreSQL's own means.*--as-of.*docs\/how-to\/backups\.md\n$/,
    ],
    [['restore'], {}, 2, /^countersign: restore: needs a file, or --as-of after a recovery\n$/],
    [['restore', 'x', '--as-of', '2026-01-31T12:00:00Z'], {}, 2, /takes a file or --as-of, not both\n$/],
    [
      ['restore', '--as-of', 'yesterday'],
      {},
      2,
      /^countersign: --as-of: must be a time that has been, RFC 3339 \(2026-01-31T12:00:00Z\)\n$/,
    ],
    [['restore', '--as-of', '2999-01-01T00:00:00Z'], {}, 2, /^countersign: --as-of: must be a time that has been/],
    [
      ['restore', 'x', '--revoke-before', '2026-01-31T12:00:00'],
      {},
      2,
      /^countersign: --revoke-before: must be now, or/,
    ],
    [['restore', '--as-of', '2026-01-31T12:00:00Z'], {}, 1, /^countersign: .*there is no .*countersign\.db/],
    [['restore', 'nowhere'], {}, 1, /^countersign: there is no .*nowhere\n$/],
  ]
  for (const [args, env, code, complaint] of calls)
    it(`${args.join(' ')}${env === postgres ? ' on PostgreSQL' : ''}: code ${code}, and no database is made`, async () => {
      const said = await countersign(args, { DATA_DIR: dataDir, ...env })
      expect(said).to.include({ code, stdout: '' })
      expect(said.stderr).to.match(complaint).and.to.not.include('secret')
      expect(readdirSync(dataDir).filter((name) => !name.endsWith('.lock'))).to.deep.equal([])
    })

  it('backup where no database is: makes none', async () => {
    const file = join(dataDir, 'x')
    const said = await countersign(['backup', file], { DATA_DIR: join(dataDir, 'elsewhere') })
    expect(said).to.include({ code: 1, stdout: '' })
    expect(said.stderr).to.match(/^countersign: there is no .*countersign\.db\n$/)
    expect(readdirSync(dataDir)).to.deep.equal([])
  })
})
