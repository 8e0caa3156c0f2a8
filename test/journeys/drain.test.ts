/** SIGTERM under load: told to connect anew, served until the end, nothing lost; a second one ends it at once. */
import { once } from 'node:events'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { itEmbedded } from '../support/embedded.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type Service, startService } from '../support/server.ts'
import { askFor, claimsIn, createWorld, type World } from '../support/world.ts'
import { expectRefusal } from './refusal.ts'

const clients = 8

type Answered = { status: number; headers: IncomingHttpHeaders; body: Record<string, unknown>; reused: boolean }

const isListening = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })

describe('journey: SIGTERM', () => {
  let provider: Provider
  let service: Service
  let world: World

  async function open(env: Record<string, string> = {}) {
    provider = await startProvider()
    service = await startService({ env })
    world = await createWorld(service, provider)
  }
  afterEach(async () => {
    await service?.close()
    await provider?.close()
  })

  /** The service says that it drains. */
  const draining = () =>
    new Promise<void>((resolve) => {
      let said = ''
      service.process.stdout?.on('data', (chunk) => {
        said += chunk
        if (said.includes('"msg":"draining"')) resolve()
      })
    })
  /** One request of a client who keeps its connection when it may. Rejects as the connection does. */
  const ask = (agent: Agent, method: string, path: string, form?: Record<string, string>) =>
    new Promise<Answered>((resolve, reject) => {
      const headers = form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}
      const sent = request(service.url + path, { agent, method, headers }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk) => {
          text += chunk
        })
        answer.on('error', reject).on('end', () => {
          const { statusCode: status = 0, headers } = answer
          resolve({ status, headers, body: JSON.parse(text), reused: sent.reusedSocket })
        })
      })
      sent.on('error', (error) => reject(Object.assign(error, { reused: sent.reusedSocket })))
      sent.end(form && String(new URLSearchParams(form)))
    })
  const exchange = (agent: Agent) => ask(agent, 'POST', '/oauth/token', askFor('jwtBearer', world.token()))
  const recorded = (sql: string, ...params: string[]) => {
    const db = new DatabaseSync(join(service.dataDir, 'countersign.db'), { readOnly: true })
    try {
      return db.prepare(sql).all(...params)
    } finally {
      db.close()
    }
  }

  itEmbedded(
    'serves on for as long as it was told, tells everybody to connect anew, and loses no exchange',
    async () => {
      await open({ DRAIN_SECONDS: '1' })
      const answers: Answered[] = []
      /** Those of each client after it is known to drain. */
      const later: Answered[][] = []
      let drained = false
      const ends: unknown[] = []
      const warm = Promise.withResolvers<void>()
      const client = async () => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 })
        const mine: Answered[] = []
        later.push(mine)
        try {
          for (;;) {
            const answer = await exchange(agent)
            answers.push(answer)
            if (drained) mine.push(answer)
            if (answers.length >= 10 * clients) warm.resolve()
          }
        } catch (error) {
          ends.push(error)
        }
        agent.destroy()
      }
      const running = Promise.all(Array.from({ length: clients }, client))
      await warm.promise
      const before = answers.length
      const exited = once(service.process, 'exit')
      const drains = draining()
      const since = performance.now()
      service.process.kill('SIGTERM')
      await drains
      drained = true

      const fresh = new Agent({ keepAlive: false })
      const ready = await ask(fresh, 'GET', '/readyz')
      expect([ready.status, ready.body.status]).to.deep.equal([503, 'unavailable'])
      expect((await ask(fresh, 'GET', '/livez')).status).to.equal(200)
      await running
      const [code, signal] = await exited
      const lasted = performance.now() - since

      expect([code, signal]).to.deep.equal([0, null])
      expect(lasted).to.be.greaterThan(1000)
      expect(answers.filter(({ status }) => status !== 200)).to.deep.equal([])
      // Whom the system connects in the very moment in which the server closes, it resets: nothing of theirs was read.
      const isRefused = ({ code, reused }: { code?: string; reused?: boolean }) =>
        code === 'ECONNREFUSED' || (code === 'ECONNRESET' && !reused)
      expect(ends.filter((error) => !isRefused(error as object))).to.deep.equal([])
      expect(
        answers.slice(0, before).some(({ reused }) => reused),
        'kept alive until then',
      ).to.equal(true)
      // What was under way when it began was asked before; everything later is told.
      const told = later.flatMap((each) => each.slice(1))
      expect(told.length).to.be.greaterThan(clients)
      expect(told.filter(({ headers }) => headers.connection !== 'close')).to.deep.equal([])
      expect(later.flatMap((each) => each.slice(2)).filter(({ reused }) => reused)).to.deep.equal([])

      const granted = answers.map(({ body }) => String(claimsIn(body.access_token).jti))
      const rows = recorded(`select body from audit_events where type = 'token.exchange' and result = 'granted'`)
      const known = rows.map(({ body }) => String(JSON.parse(String(body)).detail.jti))
      expect(known.toSorted(), 'each token on record, and no record without its token').to.deep.equal(
        granted.toSorted(),
      )
    },
  )

  it('answers those who have connected and ask only now, and waits no longer for one who never asks', async () => {
    await open()
    const { port } = new URL(service.url)
    const connected = async () => {
      const socket = connect(Number(port), '127.0.0.1')
      await once(socket, 'connect')
      return socket.setEncoding('utf8')
    }
    const [silent, speaking] = [await connected(), await connected()]
    const exited = once(service.process, 'exit')
    const drains = draining()
    service.process.kill('SIGTERM')
    await drains
    // It has stopped to take connections, so that nothing but this one keeps it.
    while (await isListening(Number(port)));
    speaking.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n')
    const [answer] = await once(speaking, 'data')
    expect(answer).to.match(/^HTTP\/1\.1 200 .*^Connection: close\r$/ms)
    expect(await exited).to.deep.equal([0, null])
    silent.destroy()
  })

  itEmbedded('records what waited in memory for storage before it ends', async () => {
    await open()
    await world.granted(world.token())
    const lock = new DatabaseSync(join(service.dataDir, 'countersign.db'))
    lock.exec('BEGIN IMMEDIATE')
    const answer = await world.exchange(world.token())
    const requestId = expectRefusal(answer, {
      reason: 'storage_unavailable',
      error: 'temporarily_unavailable',
      status: 503,
    })
    lock.exec('ROLLBACK')
    lock.close()
    const reasons = () => recorded('select reason from audit_events where request_id = ?', requestId)
    expect(reasons()).to.deep.equal([])
    expect(await service.stop()).to.equal(0)
    expect(reasons()).to.deep.equal([{ reason: 'storage_unavailable' }])
  })

  it('a second SIGTERM ends it at once, with code 1', async () => {
    await open({ DRAIN_SECONDS: '300' })
    const exited = once(service.process, 'exit')
    const drains = draining()
    service.process.kill('SIGTERM')
    await drains
    const agent = new Agent({ keepAlive: false })
    expect((await exchange(agent)).status, 'still served').to.equal(200)
    service.process.kill('SIGTERM')
    expect(await exited).to.deep.equal([1, null])
  })
})
