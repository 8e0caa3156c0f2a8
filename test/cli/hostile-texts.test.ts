/** What a service, a token or a file says reaches a terminal as text: it moves no cursor, and forges no line's colour. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { run } from '../../src/cli/main.ts'

const evil = 'a\u001b[2J\u009bm\u202eb'
const hint = { kind: 'nearest', message: evil }
const explained = {
  outcome: 'refused',
  reason: evil,
  steps: [{ step: evil, outcome: 'failed', message: evil, expected: evil, received: evil, hints: [hint] }],
  candidates: [
    {
      service_account: evil,
      name: evil,
      state: evil,
      outcome: 'refused',
      conditions: [{ claim: evil, expected: evil, received: evil, holds: false, hints: [hint] }],
      hints: [hint],
    },
  ],
}
const findings = [{ severity: evil, rule: evil, message: evil, better: { subject: evil } }]
const problem = { reason: evil, detail: evil, request_id: evil, errors: [{ path: evil, message: evil }], findings }
const policy = { issuer: 'ci', subject: evil, conditions: [{ claim: 'env', op: 'equals', value: evil }], cel: evil }
const replay = {
  days: 1,
  exchanges: 1,
  counts: { gain: 1, lose: 0, ambiguous: 0, unknown: 0 },
  gain: [{ subject: evil, service_account: evil, count: 1 }],
  lose: [],
  notes: [evil],
}
const changes = [{ action: 'update', kind: 'team', path: evil, before: { a: evil }, after: { a: evil }, notes: [evil] }]
const plan = {
  changes,
  findings: findings.map((finding) => ({ ...finding, path: evil })),
  summary: { created: 0, updated: 1, deleted: 0, unchanged: 0 },
  replay,
  faults: [{ path: `document.${evil}`, message: evil }],
  state: '"x"',
}
const answers: Record<string, [status: number, body: object]> = {
  '/api/v1/me': [200, { type: 'user', name: evil, org: 'acme' }],
  '/api/v1/orgs/acme/explain': [200, explained],
  '/api/v1/orgs/acme/teams/no': [422, problem],
  '/api/v1/orgs/acme/teams/refused': [400, { ...problem, error: 'invalid_grant' }],
  '/api/v1/orgs/acme/plan': [200, plan],
  '/api/v1/orgs/acme/issuers': [200, { items: [{ id: 'iss_1', name: evil, enabled: true }], next_cursor: null }],
  '/api/v1/orgs/acme/issuers/ci/check': [
    200,
    { ok: false, steps: [{ step: evil, ok: false, message: evil, milliseconds: 1 }] },
  ],
  '/api/v1/orgs/acme/teams/ml/service-accounts/a/trust-policies/suggest': [
    200,
    { policy, notes: [evil], findings, replay },
  ],
  '/api/v1/orgs/acme/teams/ml/service-accounts': [201, { name: evil, api_key: evil, findings }],
  '/readyz': [200, { status: evil, dependencies: { [evil]: { state: evil } } }],
}

describe('hostile texts', () => {
  let server: Server
  let url: string
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'))
  before(async () => {
    server = createServer((req, res) => {
      const [status, body] = answers[req.url?.split('?')[0] ?? ''] ?? [404, problem]
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    writeFileSync(join(folder, 'good.yaml'), 'organization: acme\n')
    writeFileSync(join(folder, 'bad.yaml'), `organization: acme\nteam: {a: "${evil}"}\n`)
    writeFileSync(join(folder, 'key.yaml'), `organization: acme\n"${evil}": 1\n`)
    writeFileSync(join(folder, 'broken.yaml'), `organization: acme\nteams: *${evil}\n`)
  })
  after(() => {
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  for (const words of [
    ['explain', 'req_1'],
    ['team', 'get', 'no'],
    ['team', 'get', 'refused'],
    ['team', 'list'],
    ['plan', 'good.yaml'],
    ['diff', 'good.yaml'],
    ['issuer', 'check', 'ci'],
    ['issuer', 'list'],
    ['policy', 'suggest', 'req_1', '--sa', 'ml/a', '--days', '1'],
    ['sa', 'create', 'ml/a'],
    ['whoami', '--verify'],
    ['doctor'],
    ['token'],
    ['run', '--', 'true'],
    ['validate', 'bad.yaml'],
    ['validate', 'key.yaml'],
    ['validate', 'broken.yaml'],
    ['lint', 'broken.yaml'],
    ['lint', 'key.yaml'],
  ])
    it(words.join(' '), async () => {
      const heard: string[] = []
      const output = { write: (text: string) => void heard.push(text), isTTY: false }
      await run(['node', 'countersign', ...words], {
        stdout: output,
        stderr: output,
        stdin: { text: async () => '', line: async () => '', isTTY: false },
        env: { COUNTERSIGN_URL: url, COUNTERSIGN_API_KEY: 'csk_of-the-test', COUNTERSIGN_CONFIG_DIR: folder },
        home: folder,
        cwd: folder,
        now: () => Date.UTC(2026, 10, 30),
      })
      const said = heard.join('')
      expect(said).not.to.equal('')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
      expect(said).not.to.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
    })
})
