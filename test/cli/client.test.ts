import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { createClient } from '../../src/cli/client.ts'
import { complaintOf } from '../../src/cli/complaint.ts'
import type { Failure } from '../../src/cli/failure.ts'

type Answering = (req: IncomingMessage, res: ServerResponse) => void

describe('cli/client', () => {
  const servers: Server[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      server.close()
    }
  })

  async function answering(answer: Answering, secret: string | undefined = 'csk_of-the-test', timeout = 5_000) {
    const server = createServer(answer)
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return createClient({ url, secret, agent: 'test', timeout })
  }

  const failure = (call: Promise<unknown>): Promise<Failure> =>
    call.then(
      () => expect.fail('it succeeded'),
      (error: Failure) => error,
    )

  const problem = (status: number, body: object, headers = {}): Answering => {
    return (_, res) =>
      res.writeHead(status, { 'content-type': 'application/problem+json', ...headers }).end(JSON.stringify(body))
  }

  it('proposes no command that its reader would regret to paste', async () => {
    for (const [request_id, hint] of [
      ['req_1', 'countersign explain req_1'],
      ['req_1; rm -rf ~', undefined],
      [undefined, undefined],
    ]) {
      const client = await answering(problem(400, { error: 'invalid_grant', reason: 'token_expired', request_id }))
      expect((await failure(client.call('GET', '/x'))).hint).to.equal(hint)
    }
  })

  for (const [what, status, body, code, category] of [
    ['a body that does not fit', 422, { reason: 'body_invalid' }, 2, 'usage'],
    ['a body that is none', 400, { reason: 'body_malformed' }, 2, 'usage'],
    ['a path that is none', 404, { reason: 'not_found' }, 3, 'not_found'],
    ['no key', 401, { reason: 'unauthenticated' }, 4, 'auth'],
    ['no right', 403, { reason: 'forbidden' }, 5, 'denied'],
    ['a refused token', 400, { error: 'invalid_grant', reason: 'token_expired' }, 5, 'denied'],
    ['an error of lint', 422, { reason: 'policy_unsafe', findings: [] }, 5, 'denied'],
    ['a name taken', 409, { reason: 'name_taken' }, 6, 'conflict'],
    ['another version', 412, { reason: 'precondition_failed' }, 6, 'conflict'],
    ['too often', 429, { reason: 'rate_limited' }, 7, 'unavailable'],
    ['a bug of the service', 500, { reason: 'internal_error' }, 7, 'unavailable'],
    ['a database away', 503, { reason: 'storage_unavailable' }, 7, 'unavailable'],
  ] as const)
    it(`${what} (${status}) ends with ${code}, ${category}`, async () => {
      const client = await answering(problem(status, { ...body, request_id: 'req_1', detail: 'what was wrong' }))
      const complaint = complaintOf(await failure(client.call('GET', '/x')))
      expect(complaint).to.deep.include({ code, line: 'what was wrong' })
      expect(complaint.problem).to.deep.include({
        category,
        exit: code,
        code: body.reason,
        request_id: 'req_1',
        status,
      })
    })

  it('says when it may be tried again', async () => {
    const client = await answering(problem(429, { reason: 'rate_limited' }, { 'retry-after': '17' }))
    const { hint, problem: said } = await failure(client.call('GET', '/x'))
    expect({ hint, after: said.retry_after }).to.deep.equal({ hint: 'try again in 17 s', after: '17' })
  })

  it('follows no redirect with its key', async () => {
    let told = 0
    const elsewhere = await answering(() => {
      told++
    })
    const client = await answering((_, res) => res.writeHead(307, { location: `${elsewhere.url}/stolen` }).end())
    const { exit, message } = await failure(client.call('GET', '/x'))
    expect({ exit, message, told }).to.deep.equal({ exit: 1, message: 'the service answered 307', told: 0 })
  })

  it('waits no longer than it was told to', async () => {
    const client = await answering(() => {}, undefined, 50)
    expect(await failure(client.call('GET', '/x'))).to.deep.include({ exit: 7, code: 'timeout' })
    const drips = await answering((_, res) => res.writeHead(200).write('{'), undefined, 50)
    expect(await failure(drips.call('GET', '/x'))).to.deep.include({ exit: 7, code: 'timeout' })
  })

  it('says so when it is no Countersign that answers', async () => {
    const client = await answering((_, res) => res.end('<html>'))
    expect(await failure(client.call('GET', '/x'))).to.deep.include({ exit: 1, code: 'not_json' })
  })

  it('repeats no key that an answer holds', async () => {
    const key = `csk_${'a'.repeat(49)}`
    const client = await answering(problem(400, { detail: `${key} is no name` }))
    expect(complaintOf(await failure(client.call('GET', '/x'))).line).to.equal('[redacted] is no name')
  })

  it('reads a list page by page, and no further than was asked', async () => {
    const asked: string[] = []
    const client = await answering((req, res) => {
      asked.push(String(req.url))
      const { searchParams } = new URL(String(req.url), 'http://x')
      const from = Number(searchParams.get('cursor') ?? 0)
      const limit = Number(searchParams.get('limit'))
      const items = Array.from({ length: limit }, (_, at) => ({ n: from + at }))
      res.end(JSON.stringify({ items, next_cursor: String(from + limit) }))
    })
    const found = await client.all('/x', { q: 'a b', empty: '' }, 450)
    expect(found).to.have.length(450)
    expect(found.at(-1)).to.deep.equal({ n: 449 })
    expect(asked).to.deep.equal(['/x?q=a+b&limit=200', '/x?q=a+b&limit=200&cursor=200', '/x?q=a+b&limit=50&cursor=400'])
  })
})
