/**
 * The guarded fetch: the only way out to what an admin named (security.md, "Fetching what an admin names").
 * A name is resolved once; every address must be allowed; the connection goes to the checked address, and the socket is
 * asked again where it ended up. No redirect, proxy, cookie or compression. One total deadline, one cap on bytes.
 * What fails below HTTP has one sentence, so that nobody can map a network with it.
 */
import { lookup } from 'node:dns/promises'
import { isIP, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { Agent, buildConnector, request } from 'undici'
import type { JsonObject } from '../../protocol/json.ts'
import { parseStrictJson } from '../../protocol/strict-json.ts'
import { type IssuerNetwork, judgeUrl, mayConnect } from './network.ts'

export { type IssuerNetwork, judgeUrl, parseIssuerNetwork } from './network.ts'

export type FetchStep = 'discovery' | 'issuer' | 'jwks' | 'keys'

/** The keys of an issuer could not be had. `says` is one sentence for an admin. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
  readonly step: FetchStep
  readonly says: string

  constructor(step: FetchStep, says: string, cause?: unknown) {
    super(`${step}: ${says}`, { cause })
    this.step = step
    this.says = says
  }
}

export type Fetched = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly json: JsonObject
}
export type Outbound = {
  /** Throws Unreachable, of the step given. `deadline`: ms for everything, at most (and by default) 5,000. */
  get(url: string, ask?: { step?: FetchStep; deadline?: number }): Promise<Fetched>
  readonly network: IssuerNetwork
  close(): Promise<void>
}

type Needs = {
  network: IssuerNetwork
  /** Every address of a host name. */
  resolve?: (host: string) => Promise<readonly string[]>
  /** Certificates to trust in place of the platform's own, PEM. */
  ca?: string
}

const totalDeadline = 5_000
const maxBytes = 262_144
const unreachable =
  'could not be reached: it must answer from an allowed public address, with a valid certificate, in 5 s'

export function createOutbound({ network, resolve = everyAddress, ca }: Needs): Outbound {
  const connect = buildConnector({ allowH2: false, timeout: totalDeadline, maxCachedSessions: 0, ...(ca && { ca }) })

  const guarded: buildConnector.connector = (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '')
    allowedAddresses(host).then(
      (addresses) => tryEach(addresses),
      (error) => callback(error, null),
    )

    function tryEach([address, ...others]: readonly string[]): void {
      if (address === undefined) {
        callback(new Error('no address answers'), null)
        return
      }
      // Without a servername the certificate would be held against the address. Node refuses literals as names.
      const name = options.protocol === 'https:' && !isIP(host) ? { servername: host } : {}
      connect({ ...withoutName(options), ...name, hostname: address }, (error, socket) => {
        if (error) tryEach(others)
        else if (isWhereItShouldBe(socket, address, host)) callback(null, socket)
        else {
          socket.destroy()
          callback(new Error('connected elsewhere'), null)
        }
      })
    }
  }

  async function allowedAddresses(host: string): Promise<readonly string[]> {
    const addresses = isIP(host) ? [host] : await resolve(host)
    if (addresses.length === 0) throw new Error('no address')
    // One bad address spoils all: a name that leads both ways is an attack or a mistake.
    if (!addresses.every((address) => mayConnect(address, host, network))) throw new Error('address not allowed')
    return addresses.slice(0, 4)
  }

  function isWhereItShouldBe(socket: Socket | TLSSocket, address: string, host: string): boolean {
    const { remoteAddress } = socket
    if (remoteAddress === undefined || !mayConnect(remoteAddress, host, network)) return false
    return network.kind === 'any' || sameAddress(remoteAddress, address)
  }

  // Pipelining 0: a connection serves one request, so every request is checked anew.
  const agent = new Agent({ connect: guarded, pipelining: 0, maxHeaderSize: 16_384 })

  async function get(url: string, { step = 'jwks', deadline = totalDeadline }: Parameters<Outbound['get']>[1] = {}) {
    const why = judgeUrl(url, network)
    if (why) throw new Unreachable(step, `the URL ${why}`)
    const signal = AbortSignal.timeout(Math.min(deadline, totalDeadline))
    const headers = { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'countersign' }
    try {
      const response = await request(url, { dispatcher: agent, method: 'GET', headers, signal })
      const text = judgeHead(response.statusCode, response.headers) ?? (await bodyText(response.body))
      if (typeof text === 'string') return answer(response.headers, text, step)
      response.body.on('error', () => {}).destroy()
      throw new Unreachable(step, text.says)
    } catch (error) {
      throw error instanceof Unreachable ? error : new Unreachable(step, unreachable, error)
    }
  }

  return { get, network, close: () => agent.destroy() }
}

function answer(headers: Headers, text: string, step: FetchStep): Fetched {
  const json = parseStrictJson(text, { maxMembers: 1_000 })
  if (!json.ok) throw new Unreachable(step, 'did not answer with a well-formed JSON object')
  const flat = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value])
  return { status: 200, headers: Object.fromEntries(flat), json: json.value }
}

type Headers = Record<string, string | string[] | undefined>
type Fault = { says: string }

function judgeHead(status: number, headers: Headers): Fault | undefined {
  if (status >= 300 && status < 400) return { says: `answered with status ${status}; redirects are not followed` }
  if (status !== 200) return { says: `answered with status ${status} instead of 200` }
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') return { says: 'answered compressed, which was not asked for' }
  const type = String(headers['content-type'] ?? '').toLowerCase()
  const isJson = /^application\/(?:[a-z0-9.-]+\+)?json\s*(?:;|$)/.test(type)
  return isJson ? undefined : { says: 'did not answer with a JSON content type' }
}

async function bodyText(body: AsyncIterable<Buffer>): Promise<string | Fault> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > maxBytes) return { says: 'answered with more than 262,144 bytes' }
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    return { says: 'did not answer in UTF-8' }
  }
}

const everyAddress = async (host: string) => (await lookup(host, { all: true })).map(({ address }) => address)

function sameAddress(one: string, other: string): boolean {
  const plain = (address: string) => URL.parse(`http://${isIP(address) === 6 ? `[${address}]` : address}`)?.hostname
  return plain(one) === plain(other)
}

function withoutName({ servername: _, ...options }: buildConnector.Options): buildConnector.Options {
  return options
}
