/** What a command asks of the service, where the answer would not show it. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { run } from '../../src/cli/main.ts'

type Asked = { call: string; ifMatch?: string; body?: unknown }

describe('what a command asks', () => {
  let server: Server
  let asked: Asked[]
  before(async () => {
    server = createServer(async (req, res) => {
      const body = await text(req)
      const ifMatch = req.headers['if-match']
      asked.push({
        call: `${req.method} ${req.url?.replace('/api/v1/orgs/acme', '')}`,
        ...(ifMatch === undefined ? {} : { ifMatch }),
        ...(body === '' ? {} : { body: JSON.parse(body) }),
      })
      res.setHeader('content-type', 'application/json').end('{}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  beforeEach(() => {
    asked = []
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })

  async function asks(...words: string[]): Promise<Asked[]> {
    let complaint = ''
    const deaf = { write: () => {}, isTTY: false }
    const code = await run(['node', 'countersign', ...words], {
      stdout: deaf,
      stderr: {
        isTTY: false,
        write(said) {
          complaint += said
        },
      },
      stdin: { isTTY: false, text: async () => 'organization: acme\n', line: async () => '' },
      env: {
        COUNTERSIGN_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/orgs/acme`,
        COUNTERSIGN_API_KEY: 'k',
        // Where this job's identity comes from, which says nothing of a file.
        COUNTERSIGN_SOURCE: 'api-key',
        COUNTERSIGN_CONFIG_DIR: '/nowhere',
      },
      home: '/nowhere',
      cwd: '/nowhere',
      now: () => Date.parse('2026-11-30T12:00:00Z'),
    })
    expect(code, complaint).to.equal(0)
    return asked
  }

  const sa = '/teams/ml/service-accounts/trainer'
  const id = `sa_${'0'.repeat(26)}`
  const cases: [command: string[], asked: Asked][] = [
    [
      ['team', 'update', 'ml', '--name', 'm', '--force', '--if-match', '"1"'],
      { call: 'PATCH /teams/ml?force=true', ifMatch: '"1"', body: { name: 'm' } },
    ],
    [
      ['team', 'delete', 'ml', '-y', '--force', '--if-match', '"1"'],
      { call: 'DELETE /teams/ml?force=true', ifMatch: '"1"' },
    ],
    [['issuer', 'disable', 'ci', '--force'], { call: 'PATCH /issuers/ci?force=true', body: { enabled: false } }],
    [
      ['issuer', 'add', 'https://a.example', '--verify', '--disabled', '--override-reason', 'because it is so'],
      {
        call: 'POST /issuers?verify=require',
        body: { name: 'a-example', issuer: 'https://a.example', enabled: false, override_reason: 'because it is so' },
      },
    ],
    [
      ['issuer', 'update', 'ci', '--discovery', '--algorithm', 'ES256', '--clock-tolerance', '2m', '--no-users'],
      {
        call: 'PATCH /issuers/ci',
        body: { jwks_uri: null, jwks: null, algorithms: ['ES256'], clock_tolerance: 120, users: false },
      },
    ],
    [
      ['policy', 'create', '--sa', 'ml/trainer', '--issuer', 'ci', '--subject', 'a', '--override-reason', 'it is so'],
      { call: `POST ${sa}/trust-policies`, body: { issuer: 'ci', subject: 'a', override_reason: 'it is so' } },
    ],
    [
      ['policy', 'update', 'p', '--sa', 'ml/trainer', '--draft', '--force', '--override-reason', 'it is so'],
      {
        call: `PATCH ${sa}/trust-policies/p?force=true`,
        body: { state: 'draft', override_reason: 'it is so' },
      },
    ],
    [
      ['policy', 'suggest', 'req_1', '--sa', 'ml/trainer'],
      { call: `POST ${sa}/trust-policies/suggest`, body: { request_id: 'req_1' } },
    ],
    [
      ['sa', 'create', 'ml/x', '--issuer', 'ci', '--subject', 'a', '--override-reason', 'it is so', '--dpop'],
      {
        call: 'POST /teams/ml/service-accounts',
        body: {
          name: 'x',
          method: 'federated',
          trust: { issuer: 'ci', subject: 'a' },
          dpop_bound_access_tokens: true,
          override_reason: 'it is so',
        },
      },
    ],
    [['sa', 'get', id, '--team', 'ml'], { call: `GET /teams/ml/service-accounts/${id}` }],
    [['sa', 'get', 'a b/c?d'], { call: 'GET /teams/a%20b/service-accounts/c%3Fd' }],
    [
      ['key', 'create', '--user', 'ada', '--expires-in', '30d'],
      { call: 'POST /users/ada/keys', body: { expires_at: '2026-12-30T12:00:00.000Z' } },
    ],
    [
      ['key', 'rotate', 'k', '--resource-server', 'api', '--overlap', '1h'],
      { call: 'POST /resource-servers/api/keys/k/rotate', body: { overlap_seconds: 3600 } },
    ],
    [
      ['plan', '-', '--days', '0', '-o', 'json'],
      {
        call: 'POST /plan',
        body: { document: { organization: 'acme' }, prune: false, source: 'standard input', days: 0 },
      },
    ],
    [['org', 'delete', 'beta', '--yes'], { call: 'DELETE /api/v1/orgs/beta' }],
    [
      ['installation', 'revoke', '--before', 'now', '-y'],
      {
        call: 'POST /api/v1/installation/revoke',
        body: { before: '2026-11-30T12:00:00.000Z' },
      },
    ],
    [
      ['signing-key', 'rotate', '--emergency', '-y'],
      { call: 'POST /api/v1/signing-keys/rotate', body: { emergency: true } },
    ],
  ]
  for (const [words, expected] of cases)
    it(words.join(' '), async () => expect(await asks(...words)).to.deep.equal([expected]))
})
