/**
 * The guarded fetch: the only way out to what an admin named (security.md, "Fetching what an admin names").
 * No redirect, proxy, cookie or compression; one deadline for all of it, resolving and connecting too (connect.ts); one cap
 * on bytes. What fails below HTTP has one sentence, so that nobody can map a network with it.
 */
import { Agent, request } from 'undici'
import type { JsonObject } from '../../protocol/json.ts'
import { parseStrictJson } from '../../protocol/strict-json.ts'
import { createConnector } from './connect.ts'
import { type IssuerNetwork, judgeUrl } from './network.ts'
import { addressesOf, type Resolve } from './resolve.ts'

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
  /** Every address of a host name. May go on for longer than the signal lets anybody wait. */
  resolve?: Resolve
  /** Certificates to trust in place of the platform's own, PEM. */
  ca?: string
}

const totalDeadline = 5_000
const maxBytes = 262_144
const unreachable =
  'could not be reached: it must answer from an allowed public address, with a valid certificate, in 5 s'

export function createOutbound({ network, resolve = addressesOf(network), ca }: Needs): Outbound {
  const connector = createConnector({ network, resolve, ca, timeout: totalDeadline })
  const agents = new Set<Agent>()

  async function get(url: string, { step = 'jwks', deadline = totalDeadline }: Parameters<Outbound['get']>[1] = {}) {
    const why = judgeUrl(url, network)
    if (why) throw new Unreachable(step, `the URL ${why}`)
    const signal = AbortSignal.timeout(Math.min(deadline, totalDeadline))
    const headers = { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'countersign' }
    // An agent a fetch: every connection is checked anew, and ends with its deadline.
    const agent = new Agent({ connect: connector(signal), pipelining: 0, maxHeaderSize: 16_384 })
    agents.add(agent)
    try {
      const response = await request(url, { dispatcher: agent, method: 'GET', headers, signal })
      const text = judgeHead(response.statusCode, response.headers) ?? (await bodyText(response.body))
      if (typeof text === 'string') return answer(response.headers, text, step)
      response.body.on('error', () => {}).destroy()
      throw new Unreachable(step, text.says)
    } catch (error) {
      throw error instanceof Unreachable ? error : new Unreachable(step, unreachable, error)
    } finally {
      agents.delete(agent)
      agent.destroy().catch(() => {})
    }
  }

  return {
    get,
    network,
    async close() {
      await Promise.all([...agents].map((agent) => agent.destroy()))
    },
  }
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
