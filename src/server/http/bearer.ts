/** Credentials of a request, and the client that it came from. */
import type { Request, Response } from 'express'
import type { Caller } from '../access/authority.ts'
import { isApiKey } from '../accounts/api-key.ts'
import type { Client } from '../audit/event.ts'
import type { Origin } from '../audit/origin.ts'
import type { Identify } from '../exchange/identify.ts'

export type Identified = (secret: string | undefined, req: Request, res: Response) => Promise<Caller>

export function identified(identify: Identify): Identified {
  return async (secret, req, res) => identify(secret, originOf(req, res))
}

/** `Bearer` (RFC 6750 §2.1) or the password of `Basic` (RFC 7617), whatever the user name. */
export function bearerOf(req: Request): string | undefined {
  const header = req.get('authorization') ?? ''
  return /^bearer +([^\s]+) *$/i.exec(header)?.[1] ?? basicOf(req)
}

/** The password of a Basic header; percent-decoded when only that makes it a key of ours (RFC 6749 §2.3.1). */
export function basicOf(req: Request): string | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(req.get('authorization') ?? '')?.[1]
  if (encoded === undefined) return undefined
  const pair = Buffer.from(encoded, 'base64').toString()
  const colon = pair.indexOf(':')
  const password = colon < 0 ? '' : pair.slice(colon + 1)
  if (password === '') return undefined
  return isApiKey(password) ? password : decoded(password)
}

export const originOf = (req: Request, res: Response): Origin => ({
  requestId: res.locals.requestId,
  client: clientOf(req),
})

function clientOf(req: Request): Client {
  return { ip: addressOf(req.ip), user_agent: (req.get('user-agent') ?? '').slice(0, 256).toWellFormed() }
}

/** An IPv4 address that arrived over IPv6 is an IPv4 address. */
function addressOf(ip: string | undefined): string {
  return (ip ?? '').replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
