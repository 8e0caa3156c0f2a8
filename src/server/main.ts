/** Settings -> assemble -> listen -> drain. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Logger, pino } from 'pino'
import { withoutSecrets } from '../protocol/secret-text.ts'
import { assemble, type House, type Phase } from './assemble.ts'
import { createClose } from './http/close.ts'
import { createLimitedServer } from './http/limited-server.ts'
import { limits } from './http/limits.ts'
import type { Settings } from './settings.ts'

/** What surrounds a process that serves: nothing, or a supervisor. */
export type Life = {
  /** Stands in every line of its log. */
  name: Readonly<Record<string, unknown>> | null
  /** Of several processes one makes the set-up link. */
  offersSetup: boolean
  /** Called when it serves. Undefined: it says so itself. */
  ready?: (url: string, publicUrl: string) => void
  /** Resolves when it has to stop. */
  stopped: () => Promise<void>
}
const alone: Life = { name: null, offersSetup: true, stopped: signalled }

export const createLog = ({ logLevel: level }: Pick<Settings, 'logLevel'>, { name }: Pick<Life, 'name'> = alone) =>
  pino({
    level,
    base: name,
    timestamp: pino.stdTimeFunctions.isoTime,
    // Nobody logs a key or a token on purpose; an error of somebody else's code may quote one.
    hooks: { streamWrite: withoutSecrets },
  })

/** Serves until it is told to stop: by SIGTERM or SIGINT, when it is alone. Resolves with the exit code. */
export async function serve(settings: Settings, life: Life = alone): Promise<number> {
  const log = createLog(settings, life)
  sayLastWords(log)
  let phase: Phase = 'starting'
  const house = await assemble(settings, log, () => phase)
  const server = createLimitedServer(
    { ...limits, connections: settings.limitConnections || Number.POSITIVE_INFINITY },
    log,
  )
  const close = createClose(server)
  try {
    const url = await listen(server, settings)
    const publicUrl = settings.publicUrl ?? url
    server.on('request', house.app(publicUrl))
    await house.exposeMetrics()
    // Whatever the log level: these two lines are how a first user gets in, and how programs learn the port.
    const announce = log.child({}, { level: 'info' })
    const offers = life.offersSetup && settings.operatorKey === undefined
    const link = offers ? await linkOf(house, publicUrl) : undefined
    if (link)
      announce.info({ setup_url: link }, `set up the first organization here (works once, within an hour): ${link}`)
    phase = 'serving'
    if (life.ready) life.ready(url, publicUrl)
    else announce.info({ url, public_url: publicUrl }, 'ready')
  } catch (error) {
    // A start that fails must end: an open server or database would keep the process.
    await close()
    await house.close()
    throw error
  }

  await life.stopped()
  phase = 'draining'
  log.info({ seconds: settings.drainSeconds }, 'draining')
  await waited(settings.drainSeconds * 1000)
  await close()
  await house.close()
  log.info('closed')
  return 0
}

/** Whatever the log level: what ends the process unforeseen is said as all else is, without keys and tokens. */
function sayLastWords(log: Logger): void {
  const last = log.child({}, { level: 'fatal' })
  process.once('uncaughtException', (err) => {
    last.fatal({ err }, 'a bug: nobody caught this error, and so the process ends')
    process.exit(1)
  })
}

async function linkOf({ setup }: House, publicUrl: string): Promise<string | undefined> {
  const secret = await setup.offer()
  return secret && `${publicUrl}/setup/${secret}`
}

async function listen(server: Server, { host, port }: Settings): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve)
  })
  const { port: bound } = server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${bound}`
}

/** The first signal asks us to stop; a second one stops us at once. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        process.on('SIGTERM', () => process.exit(1)).on('SIGINT', () => process.exit(1))
        resolve()
      })
    }
  })
}

const waited = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
