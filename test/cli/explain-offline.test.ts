import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { run } from '../../src/cli/main.ts'

const now = Date.UTC(2026, 10, 30)

describe('cli/explain-offline', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'))
  after(() => rmSync(folder, { recursive: true, force: true }))

  async function explained(preset: string): Promise<string> {
    writeFileSync(
      join(folder, 'acme.yaml'),
      `organization: acme
issuers:
  github: {issuer: https://token.actions.githubusercontent.com, audiences: [acme]${preset}}
teams:
  ml: {service_accounts: {a: {method: federated, trust_policies: {main: {issuer: github, subject: a}}}}}
`,
    )
    const iss = 'https://token.actions.githubusercontent.com'
    const claims = { iss, aud: 'acme', sub: 'a', iat: now / 1000 - 7_000, exp: now / 1000 + 60 }
    const heard: string[] = []
    const output = { write: (text: string) => void heard.push(text), isTTY: false }
    await run(['node', 'countersign', 'explain', '--offline', 'acme.yaml', '-o', 'json'], {
      stdout: output,
      stderr: output,
      stdin: { text: async () => JSON.stringify(claims), line: async () => '', isTTY: false },
      env: {},
      home: folder,
      cwd: folder,
      now: () => now,
    })
    const { outcome, reason } = JSON.parse(heard.join(''))
    return reason ?? outcome
  }

  it('knows how long tokens live as the service would: of the preset, or of none where the file says so', async () => {
    expect(await explained('')).to.equal('token_too_old')
    expect(await explained(', preset: null')).to.equal('granted')
  })
})
