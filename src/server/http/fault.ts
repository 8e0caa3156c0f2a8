/**
 * What Node reads and we do not: requests that another server on the way may read otherwise than we (RFC 9112 §11.2), or
 * that are larger than what anybody sends. Looked at before any route; cheap, since every request passes here.
 */
import type { IncomingMessage } from 'node:http'
import { Refusal } from '../errors/refusal.ts'
import type { Limits } from './limits.ts'

/** Of these a second line would be a second opinion. By length, so that most names are passed over by that. */
const single = new Map(
  Object.entries(
    Object.groupBy(
      ['host', 'authorization', 'content-type', 'idempotency-key', 'transfer-encoding', 'origin'],
      (name) => name.length,
    ),
  ).map(([length, names]) => [Number(length), names ?? []]),
)

type Read = Pick<IncomingMessage, 'httpVersionMajor' | 'httpVersionMinor' | 'url' | 'headers' | 'rawHeaders'>

/** Undefined: the request is one. */
export function faultOf(req: Read, limits: Pick<Limits, 'headerFields' | 'urlLength'>): Refusal | undefined {
  const { rawHeaders, headers } = req
  // Node reads 0.9 and 2.0 in the form of 1.1.
  if (req.httpVersionMajor !== 1) return malformed('HTTP/1.1 is spoken here')
  if ((req.url ?? '').length > limits.urlLength)
    return new Refusal('url_too_long', {
      says: `the URL is longer than ${limits.urlLength.toLocaleString('en')} characters`,
    })
  if (rawHeaders.length > 2 * limits.headerFields)
    return new Refusal('headers_too_large', { says: `the request has more than ${limits.headerFields} header fields` })
  if (headers.host === undefined && req.httpVersionMinor > 0) return malformed('the header host is missing')
  const coding = headers['transfer-encoding']
  // RFC 9112 §6.1: what we do not decode is not ours to read, and HTTP/1.0 knows none.
  if (coding !== undefined && (req.httpVersionMinor === 0 || coding.toLowerCase() !== 'chunked'))
    return malformed('of transfer codings HTTP/1.1 chunked is read here, and no other')
  return doubled(rawHeaders)
}

function doubled(rawHeaders: readonly string[]): Refusal | undefined {
  let seen: string | undefined
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string
    const found = single.get(name.length)?.find((one) => one === name.toLowerCase())
    if (found === undefined) continue
    if (seen?.includes(`${found};`)) return malformed(`the header ${found} is given more than once`)
    seen = `${seen ?? ''}${found};`
  }
  return undefined
}

const malformed = (says: string) => new Refusal('malformed_request', { says })
