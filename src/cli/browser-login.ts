/**
 * Login by browser (RFC 8628): the terminal shows a code, a person compares it on a page of the service and approves there,
 * and the terminal, which asks meanwhile, gets a key of theirs. Nothing is typed here.
 */
import { hostname, userInfo } from 'node:os'
import { setTimeout as waiting } from 'node:timers/promises'
import type { JsonObject } from '../protocol/json.ts'
import { type Client, createClient, type Reply } from './client.ts'
import { Failure } from './failure.ts'
import { browserFor, openBrowser } from './open-browser.ts'
import { failureOf } from './refused-call.ts'
import type { Session } from './session.ts'
import { exit } from './terminal.ts'
import { versionText } from './version.ts'

/** `days`: that the key is to live. */
export type Wish = { url: string; browser: boolean; days?: number }
const paths = { start: '/login/device', collect: '/login/device/token' } as const

type Wait = (ms: number) => Promise<unknown>

/** The key and when it ends. Throws Failure when it was denied, or nobody approved in time. */
export async function keyByBrowser(session: Session, wish: Wish, wait: Wait = waiting) {
  const { io } = session
  // Whatever key is kept for this service is not asked for, and may be dead.
  const client = createClient({
    url: wish.url,
    secret: undefined,
    agent: `countersign-cli/${versionText()}`,
  })
  const lifetime = wish.days === undefined ? {} : { key_lifetime: wish.days * 86_400 }
  const begun = begunIn(await client.ask('POST', paths.start, { body: { client_name: machine(), ...lifetime } }))
  // Said to people, whatever a program reads on stdout.
  io.stderr.write(
    `Your code is ${begun.userCode}. Compare it with what this page shows, and approve there:\n  ${begun.page}\n`,
  )
  await show(session, begun.page, wish.browser)
  return collected(client, begun, io.now, wait)
}

async function show({ io }: Session, page: string, wanted: boolean): Promise<void> {
  const program = wanted && io.stdout.isTTY ? browserFor(process.platform, io.env) : undefined
  if (program && !(await openBrowser(page, program, io.env)))
    io.stderr.write('no browser could be opened: go there yourself\n')
  io.stderr.write('waiting for it to be approved …\n')
}

/** RFC 8628 §3.5: what may yet be approved is asked about again, less often when the service says so or is away. */
async function collected(client: Client, begun: Begun, now: () => number, wait: Wait) {
  const until = now() + begun.expiresIn * 1000
  let interval = begun.interval
  let pause = interval
  while (now() + pause * 1000 < until) {
    await wait(pause * 1000)
    const body = { device_code: begun.deviceCode }
    const reply = await client.ask('POST', paths.collect, { body }).catch(away)
    if (reply?.status === 200) return keyIn(reply)
    const error = reply && reply.status < 500 ? membersIn(reply).error : 'away'
    if (error === 'expired_token') break
    if (error === 'slow_down') interval += 5
    else if (reply && error !== 'authorization_pending' && error !== 'away')
      throw failureOf(reply, paths.collect, undefined)
    pause =
      error === 'away' ? Math.min(60, pause * 2) : Math.max(interval, Number(reply?.headers.get('retry-after') ?? 0))
  }
  throw new Failure('nobody approved the login in time', {
    exit: exit.unauthenticated,
    code: 'login_expired',
    hint: 'countersign login begins a new one',
  })
}

/** It may be back the next time. */
function away(error: unknown): undefined {
  if (error instanceof Failure && error.exit === exit.unavailable) return undefined
  throw error
}

function keyIn(reply: Reply): { secret: string; expiresAt?: string } {
  const { api_key: secret, expires_at: expiresAt } = membersIn(reply)
  if (typeof secret !== 'string') throw unlike()
  return { secret, ...(typeof expiresAt === 'string' ? { expiresAt } : {}) }
}

type Begun = { deviceCode: string; userCode: string; page: string; expiresIn: number; interval: number }

/** Nothing of it reaches the terminal or a browser but a code, and the address of a page as a parser writes it. */
function begunIn(reply: Reply): Begun {
  if (reply.status === 404 || reply.status === 405) throw unlike()
  if (reply.status !== 200) throw failureOf(reply, paths.start, undefined)
  const { device_code, user_code, verification_uri_complete, expires_in, interval } = membersIn(reply)
  const page = URL.canParse(String(verification_uri_complete)) ? new URL(String(verification_uri_complete)) : undefined
  if (typeof device_code !== 'string' || !/^[A-Z0-9-]{4,32}$/.test(String(user_code)) || !page) throw unlike()
  if (page.protocol !== 'https:' && page.protocol !== 'http:') throw unlike()
  return {
    deviceCode: device_code,
    userCode: String(user_code),
    page: page.href,
    expiresIn: Math.min(3_600, Number(expires_in) || 0),
    interval: Math.max(1, Number(interval) || 5),
  }
}

const unlike = () =>
  new Failure('the service knows no login by browser', {
    exit: exit.failed,
    code: 'no_browser_login',
    hint: 'is this its URL? else: countersign login --with-key < key.txt',
  })

function membersIn({ text }: Reply): JsonObject {
  try {
    return Object(JSON.parse(text)) as JsonObject
  } catch {
    return {}
  }
}

/** `ada@laptop`, as the page will call this terminal. */
function machine(): string {
  let user = ''
  try {
    user = `${userInfo().username}@`
  } catch {
    // Nobody of this machine's (a container, for one).
  }
  return `${user}${hostname()}`.replace(/[^\p{L}\p{N}\p{P} ]/gu, '').slice(0, 80)
}
