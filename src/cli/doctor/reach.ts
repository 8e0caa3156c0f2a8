/** Whether the service is there, is ours, is well, and has the same time and key as we have. */
import { isIPv4 } from 'node:net'
import type { JsonObject } from '../../protocol/json.ts'
import type { Aim } from '../aim.ts'
import { complaintOf } from '../complaint.ts'
import { member } from '../output.ts'
import { at, type Session } from '../session.ts'
import { versionText } from '../version.ts'
import { type Check, doubtful, failed, fine } from './check.ts'

/** ms that a clock may be off before a token of a minute suffers. */
const skewAllowed = 30_000

type Found = { checks: Check[]; isReached: boolean; caller: JsonObject | undefined }

/** `source`: what says who this job is, where no key does. */
export async function checkReach(session: Session, source: string | undefined): Promise<Found> {
  let aim: Aim
  try {
    aim = session.aim()
  } catch (error) {
    return { checks: [failedWith('service', error)], isReached: false, caller: undefined }
  }
  const checks = [...transport(aim)]
  let health: Awaited<ReturnType<typeof ready>>
  try {
    health = await ready(session)
  } catch (error) {
    return { checks: [...checks, failedWith('service', error)], isReached: false, caller: undefined }
  }
  const { check, caller } = await whoCalls(session, aim, source)
  return { checks: [...checks, ...health, await version(session), check], isReached: true, caller }
}

function transport({ url }: Aim): Check[] {
  const { protocol, hostname } = new URL(url)
  const isLocal = hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'))
  if (protocol === 'https:' || isLocal) return []
  return [doubtful('transport', `${url} is not https: whoever is between reads your key`, 'give its https URL')]
}

async function ready(session: Session): Promise<Check[]> {
  const sent = session.io.now()
  const { status, headers, text } = await session.client().ask('GET', '/readyz')
  const received = session.io.now()
  const { url } = session.client()
  return [service(url, status, text, received - sent), clock(headers.get('date'), sent, received)]
}

function service(url: string, status: number, text: string, took: number): Check {
  const said = objectIn(text)
  const state = said.status
  if (state === 'ok') return fine('service', `${url} is ready (${took} ms)`)
  if (state === undefined)
    return failed('service', `${url} answers (${status}), but is not Countersign`, 'set COUNTERSIGN_URL')
  const away = Object.entries((said.dependencies ?? {}) as JsonObject)
    .filter(([, each]) => member(each, 'state') !== 'ok')
    .map(([name]) => name)
  const message = `${url} is ${state}${away.length > 0 ? `: ${away.join(', ')}` : ''}`
  const fix = 'its operator sees why in its log and metrics'
  return state === 'degraded' ? doubtful('service', message, fix) : failed('service', message, fix)
}

/** The header has whole seconds, and was written between the two. */
function clock(date: string | null, sent: number, received: number): Check {
  const theirs = Date.parse(date ?? '')
  if (Number.isNaN(theirs)) return doubtful('clock', 'the answer has no Date', 'is there a proxy that removes it?')
  const off = theirs + 1000 < sent ? theirs + 1000 - sent : theirs > received ? theirs - received : 0
  if (Math.abs(off) <= skewAllowed) return fine('clock', 'the same as the service’s')
  const seconds = Math.round(Math.abs(off) / 1000)
  return failed(
    'clock',
    `this machine is ${seconds} s ${off < 0 ? 'ahead of' : 'behind'} the service: tokens made here may be refused`,
    'set the clock (NTP), here or there',
  )
}

/** Commands come with the service: one that does not know a path of ours is older. */
async function version(session: Session): Promise<Check> {
  const own = versionText()
  try {
    const { info } = await session.client().call('GET', '/api/v1/openapi.json')
    const theirs = String(member(info ?? null, 'version') ?? '')
    if (theirs === apiVersion)
      return fine('version', `countersign ${own} and the service speak version ${theirs} of the API`)
    return failed(
      'version',
      `the service speaks version ${theirs} of the API, and countersign ${own} speaks ${apiVersion}`,
      'take the countersign that fits the service',
    )
  } catch (error) {
    return failedWith('version', error)
  }
}
const apiVersion = '1'

async function whoCalls(
  session: Session,
  { secret, origins }: Aim,
  source: string | undefined,
): Promise<{ check: Check; caller?: JsonObject | undefined }> {
  if (secret === undefined && source !== undefined)
    return { check: fine('key', `there is none, and none is needed: ${source} says who this job is`) }
  if (secret === undefined)
    return { check: failed('key', 'there is none', 'countersign login, or set COUNTERSIGN_API_KEY') }
  try {
    const me = await session.client().call('GET', at('me'))
    const who = [me.type, me.name].filter(Boolean).join(' ').replaceAll('_', ' ')
    return { check: fine('key', `${who}${me.org ? ` of ${me.org}` : ''} (from the ${origins.secret})`), caller: me }
  } catch (error) {
    return { check: failedWith('key', error) }
  }
}

export function failedWith(name: string, error: unknown): Check {
  const { line, problem } = complaintOf(error)
  return failed(name, line, typeof problem.hint === 'string' ? problem.hint : 'countersign --help')
}

function objectIn(text: string): JsonObject {
  try {
    const read: unknown = JSON.parse(text)
    return typeof read === 'object' && read !== null ? (read as JsonObject) : {}
  } catch {
    return {}
  }
}
