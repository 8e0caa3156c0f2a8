/** Three replicas on a PostgreSQL and a Redis of their own, each behind a network that the test makes bad at its bidding. */
import { randomUUID } from 'node:crypto'
import { grantTypes } from '../../src/protocol/oauth.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { type Answer, call, markedMasterKey, type Service, startService } from '../support/server.ts'
import { timed, until } from '../support/stopwatch.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { claimsIn, createWorld, must, type World } from '../support/world.ts'
import { slowestOfNothing } from './control.ts'

export { reconcile } from './reconcile.ts'

/** Every exchange that was asked, and what became of it. `jti`: the subject token's, by which an event names it too. */
export type Counts = {
  asked: number
  granted: { requestId: string; jti: string }[]
  refused: { requestId: string; reason: string }[]
  /** 5xx, or no answer; `kind` says which. */
  failed: { requestId?: string; subject: string; kind: string }[]
  /** ms that the slowest answer took; a connection that was lost is no answer. */
  slowest: number
  /** ms that the slowest answer to what needs nothing took meanwhile: so slow is the machine. */
  control: number
}

export type Fleet = {
  postgres: Postgres
  /** Without the network between: for the test's own looks. */
  databaseUrl: string
  toPostgres: TcpProxy
  redis: RedisServer | undefined
  toRedis: TcpProxy | undefined
  provider: Provider
  /** Those that run; a test may put others in their place. */
  replicas: Service[]
  world: World
  /** Of all exchanges since the start: what the trails are held against. */
  counts: Counts
  /** One more, not among `replicas` yet. */
  startReplica(env?: Record<string, string>): Promise<Service>
  close(): Promise<void>
}

export const publicUrl = 'http://sts.example'
/** ms. Whoever has no answer by then has none. */
const patience = 20_000

export const noCounts = (): Counts => ({ asked: 0, granted: [], refused: [], failed: [], slowest: 0, control: 0 })

type Ask = { replicas?: number; redis?: boolean; env?: Record<string, string>; postgres?: Promise<Postgres> }

export async function startFleet(asked: Ask = {}): Promise<Fleet> {
  const { replicas = 3, redis: withRedis = true, env = {} } = asked
  const postgres = await (asked.postgres ?? startPostgres())
  const databaseUrl = await postgres.create()
  const toPostgres = await startTcpProxy(postgres.port)
  const redis = withRedis ? await startRedis() : undefined
  const toRedis = redis && (await startTcpProxy(redis.port))
  const provider = await startProvider({ alg: 'ES256' })
  const through = new URL(databaseUrl)
  through.port = `${toPostgres.port}`
  const started: Service[] = []
  const startReplica = async (more: Record<string, string> = {}): Promise<Service> => {
    const service = await startService({
      env: {
        DATABASE_URL: `${through}`,
        ...(toRedis ? { REDIS_URL: `redis://127.0.0.1:${toRedis.port}` } : {}),
        MASTER_KEY: markedMasterKey,
        PUBLIC_URL: publicUrl,
        ...env,
        ...more,
      },
    })
    started.push(service)
    return service
  }
  const running = await Promise.all(Array.from({ length: replicas }, () => startReplica()))
  return {
    postgres,
    databaseUrl,
    toPostgres,
    redis,
    toRedis,
    provider,
    replicas: running,
    world: await createWorld(running[0] as Service, provider),
    counts: noCounts(),
    startReplica,
    async close() {
      toPostgres.pass()
      toRedis?.pass()
      await Promise.all(started.map((service) => service.close()))
      await Promise.all([toPostgres.close(), toRedis?.close(), provider.close()])
      await Promise.all([postgres.close(), redis?.stop()])
    },
  }
}

/** One exchange at one replica, counted in `fleet.counts` and in `also`. Undefined: no answer came. */
export async function ask(
  fleet: Pick<Fleet, 'counts'>,
  at: Pick<Service, 'url'>,
  assertion: string,
  also?: Counts,
): Promise<Answer | undefined> {
  const ledgers = also ? [fleet.counts, also] : [fleet.counts]
  const subject = String(claimsIn(assertion).jti)
  for (const counts of ledgers) counts.asked++
  const form = { grant_type: grantTypes.jwtBearer, assertion }
  const { answer, ms } = await timed(within(patience, call(at, 'POST', '/oauth/token', { form })))
  for (const counts of ledgers) {
    if (answer instanceof Error) {
      counts.failed.push({ subject, kind: kindOf(answer) })
      continue
    }
    counts.slowest = Math.max(counts.slowest, ms)
    const { status, body, headers } = answer
    const requestId = String(headers.get('x-request-id'))
    const reason = String(body.reason)
    if (status === 200) counts.granted.push({ requestId, jti: String(claimsIn(body.access_token).jti) })
    else if (status < 500) counts.refused.push({ requestId, reason })
    else counts.failed.push({ requestId, subject, kind: `${status} ${reason}` })
  }
  return answer instanceof Error ? undefined : answer
}

/** A fresh token of the world's account, or of what `claims` say. */
export const freshToken = ({ world }: Pick<Fleet, 'world'>, claims: Record<string, unknown> = {}): string =>
  world.token({ jti: randomUUID(), ...claims })

type Load = {
  seconds?: number
  /** Goes on until it is over, and at least for one exchange. */
  until?: Promise<unknown>
  /** So many at a time. */
  parallel?: number
  /** ms that each of them rests between two, so that a small machine has breath for what is under test. */
  rest?: number
  /** Whom to ask, in turn; read anew each time. */
  over?: () => readonly Service[]
  /** What is shown: another each time. */
  token?: () => string
}

/** Exchanges with fresh tokens, in turn over the replicas. */
export async function load(fleet: Fleet, options: Load = {}): Promise<Counts> {
  const { seconds, until, parallel = 6, rest = 20 } = options
  const { over = () => fleet.replicas, token = () => freshToken(fleet) } = options
  const counts = noCounts()
  let isOver = false
  until?.catch(() => {}).then(() => (isOver = true))
  const lastAt = seconds === undefined ? Infinity : performance.now() + seconds * 1000
  let turn = 0
  const one = async () => {
    do {
      const replicas = over()
      await ask(fleet, replicas[turn++ % replicas.length] as Service, token(), counts)
      await new Promise((resolve) => setTimeout(resolve, rest))
    } while (!isOver && performance.now() < lastAt)
  }
  await Promise.all(Array.from({ length: parallel }, one))
  return counts
}

/** What the load met while `work` was done; what `work` gave. */
export async function underLoad<T>(fleet: Fleet, work: () => Promise<T>, options: Omit<Load, 'until'> = {}) {
  const working = work()
  const { over = () => fleet.replicas } = options
  const [counts, control] = await Promise.all([
    load(fleet, { ...options, until: working }),
    slowestOfNothing(over, working),
  ])
  for (const each of [counts, fleet.counts]) each.control = Math.max(each.control, control)
  return { counts, result: await working }
}

/** ms that passed until `what` held. */
export const eventually = (ms: number, what: () => Promise<boolean>, why = 'it did not come about'): Promise<number> =>
  until(what, ms, why)

export const activeAt = async ({ world }: Pick<Fleet, 'world'>, at: Service, token: string): Promise<boolean> =>
  (await must(call(at, 'POST', '/oauth/introspect', { form: { token }, secret: world.adminKey }))).active === true

/** How often each came, such as `{ '503 storage_unavailable': 4 }`. */
export const tally = (words: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer')), ms)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

const kindOf = (error: Error): string => (error.cause as { code?: string } | undefined)?.code ?? error.message
