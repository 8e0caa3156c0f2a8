/** Credentials of a request, and the client that it came from. */
import { isIP, SocketAddress } from 'node:net'
import type { Request, Response } from 'express'
import type { Caller } from '../access/authority.ts'
import { isApiKey } from '../accounts/api-key.ts'
import type { Client } from '../audit/event.ts'
import type { Origin } from '../audit/origin.ts'
import type { Identify } from '../exchange/identify.ts'
import type { Dpop, Shown } from '../tokens/dpop.ts'

export type Identified = (req: Request, res: Response, inBody?: string) => Promise<Caller>

/** Who sent the request, by its Authorization header, or else by the secret in its body. */
export function identified(identify: Identify, dpop: Pick<Dpop, 'nonce'>): Identified {
  return (req, res, inBody) => {
    const secrets = secretsOf(req)
    const shown = secrets.length === 0 && inBody !== undefined ? [inBody] : secrets
    if (!isDpop(req)) return identify({ secrets: shown }, originOf(req, res))
    // RFC 9449 §8.2 and §9: for the next request.
    res.setHeader('DPoP-Nonce', dpop.nonce())
    return identify({ secrets: shown, dpop: proofsOf(req, res) }, originOf(req, res))
  }
}

/** RFC 9449 §7.1: the scheme by which a bound token is shown. */
export const isDpop = (req: Request) => /^dpop /i.test(req.get('authorization') ?? '')

/**
 * Every DPoP header. The URL is that of our own name, since what a caller says in Host proves nothing, with the path as it
 * was sent: below the path of PUBLIC_URL, or at the root, where a proxy has taken that away.
 */
export const proofsOf = (req: Request, res: Response): Shown => ({
  proofs: req.headersDistinct.dpop ?? [],
  method: req.method,
  url: res.locals.publicUrl + pathOf(req.originalUrl).slice(res.locals.below?.length ?? 0),
})

/** `Bearer` (RFC 6750 §2.1), `DPoP` (RFC 9449 §7.1), or the password of `Basic` as it was sent and as it may have been meant. */
export function secretsOf(req: Request): readonly string[] {
  const bearer = /^(?:bearer|dpop) +([^\s]+) *$/i.exec(req.get('authorization') ?? '')?.[1]
  if (bearer !== undefined) return [bearer]
  const password = passwordOf(req)
  if (password === undefined) return []
  return password.includes('%') ? [password, decoded(password)] : [password]
}

/** An API key of a Basic header, whatever the user name; percent-encoded or not (RFC 6749 §2.3.1). */
export function basicOf(req: Request): string | undefined {
  const password = passwordOf(req)
  return password === undefined || isApiKey(password) ? password : decoded(password)
}

/** RFC 7617 §2. */
function passwordOf(req: Request): string | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(req.get('authorization') ?? '')?.[1]
  if (encoded === undefined) return undefined
  const pair = Buffer.from(encoded, 'base64').toString()
  const colon = pair.indexOf(':')
  return colon < 0 ? undefined : pair.slice(colon + 1) || undefined
}

/** Found once a request: who it is and what it asks both want it. */
export function originOf(req: Request, res: Response): Origin {
  res.locals.origin ??= {
    requestId: res.locals.requestId,
    client: clientOf(req),
    traceparent: req.headers.traceparent as string | undefined,
  } satisfies Origin
  return res.locals.origin
}

function clientOf(req: Request): Client {
  const ip = addressOf(req.ip) ?? addressOf(req.socket.remoteAddress) ?? ''
  return { ip, user_agent: (req.get('user-agent') ?? '').slice(0, 256).toWellFormed() }
}

/** An address in its one form: without a port, which some proxies add; IPv4 that arrived over IPv6 as IPv4. */
function addressOf(text: string | undefined): string | undefined {
  if (text === undefined || isIP(text) === 4) return text
  const bare = text.replace(/^\[(.*)\](?::\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1')
  if (isIP(bare) !== 6) return isIP(bare) === 4 ? bare : undefined
  const { address } = new SocketAddress({ address: bare, family: 'ipv6' })
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
}

const pathOf = (url: string): string => url.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '')

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
