/** The client, in a process of its own: raw sockets that stay open, one request at a time on each. Run by run.ts. */
import { connect } from 'node:net'

/** A body, or one with the Authorization that goes with it. */
export type Sent = string | { body: string; bearer: string }
/** `bodies` are sent in turn, `count` requests in all; each answer must be 200 and hold `expect`. */
export type Load = {
  port: number
  path: string
  /** Without it a form. */
  json?: boolean
  /** Each answer is a refusal, of 400 or 429. */
  refused?: boolean
  /** Requests a second, of all connections together, whether the answers come or not; without it as many as there can be. */
  pace?: number
  count: number
  connections: number
  expect: string
} & ({ bodies: Sent[] } | { again: true })
/** `wrong`: the first answer that was not as expected. Times are ms. */
export type Measured = { perSecond: number; p50: number; p99: number; wrong?: string }

let bodies: Sent[] = []

async function run(load: Load): Promise<Measured> {
  if ('bodies' in load) bodies = load.bodies
  const requests = bodies.map((body) => requestOf(load, typeof body === 'string' ? { body } : body))
  const took: number[] = []
  let sent = 0
  const started = performance.now()
  /** Timers are not that exact. */
  const late = () => performance.now() - 2
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true })
      let at = 0
      let got = ''
      const next = () => {
        if (sent >= load.count) return void socket.end(resolve)
        const request = requests[sent % requests.length] as Buffer
        const due = load.pace === undefined ? 0 : started + (sent * 1000) / load.pace
        sent++
        const write = () => {
          // Whoever was due before counts from then: waiting for a connection is waiting, too.
          at = due > 0 && due < late() ? due : performance.now()
          socket.write(request)
        }
        const early = due - performance.now()
        if (early > 0) setTimeout(write, early)
        else write()
      }
      socket.on('connect', next).on('error', reject)
      socket.on('close', () => reject(new Error('the server closed a connection')))
      socket.on('data', (chunk) => {
        got += chunk.toString('latin1')
        if (!isWhole(got)) return
        took.push(performance.now() - at)
        const status = load.refused ? /^HTTP\/1\.1 4(?:00|29) / : /^HTTP\/1\.1 200 /
        if (!status.test(got) || !got.includes(load.expect)) return void reject(new Error(got))
        got = ''
        next()
      })
    })
  await Promise.all(Array.from({ length: load.connections }, one))
  const seconds = (performance.now() - started) / 1000
  took.sort((a, b) => a - b)
  const percentile = (part: number) => took[Math.min(took.length - 1, Math.floor(took.length * part))] ?? 0
  return { perSecond: took.length / seconds, p50: percentile(0.5), p99: percentile(0.99) }
}

function requestOf({ path, json }: Load, { body, bearer }: { body: string; bearer?: string }): Buffer {
  const type = json ? 'application/json' : 'application/x-www-form-urlencoded'
  const head = [`POST ${path} HTTP/1.1`, 'Host: 127.0.0.1', 'User-Agent: bench', `Content-Type: ${type}`]
  if (bearer !== undefined) head.push(`Authorization: Bearer ${bearer}`)
  return Buffer.from([...head, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n'))
}

/** Every answer here says its length. */
function isWhole(answer: string): boolean {
  const end = answer.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(answer)?.[1]
  return length !== undefined && answer.length >= end + 4 + Number(length)
}

process.on('message', (load: Load) => {
  run(load).then(
    (measured) => process.send?.(measured),
    (error) => process.send?.({ perSecond: 0, p50: 0, p99: 0, wrong: String(error) } satisfies Measured),
  )
})
process.once('disconnect', () => process.exit())
