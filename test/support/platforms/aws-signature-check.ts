/**
 * Whether a request is signed as Signature Version 4 wants it: the receiving side, from what came over the wire, written
 * after AWS's description (reference_sigv-create-signed-request.html) and held against AWS's own test suite beside our signing.
 */
import { createHash, createHmac } from 'node:crypto'

export type SignedRequest = {
  method: string
  url: URL
  /** Names in lower case. */
  headers: Readonly<Record<string, string | readonly string[] | undefined>>
  body: string
}
export type Key = { secret: string; token?: string | undefined; expiresAt?: number | undefined }
export type Checked = { accessKeyId: string; key: Key } | { error: string }

const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex')
const mac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text, 'utf8').digest()
/** RFC 3986, upper-case hex. */
const encoded = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)

/** `now`: milliseconds; a request may be five minutes off. */
export function checkSignature(
  { method, url, headers, body }: SignedRequest,
  { keys, region, service, now }: { keys: ReadonlyMap<string, Key>; region: string; service: string; now: number },
): Checked {
  const header = (name: string) => String(headers[name] ?? '')
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/
  const [, id = '', day = '', where, what, names = '', signature] = form.exec(header('authorization')) ?? []
  if (!signature) return { error: header('authorization') ? 'IncompleteSignature' : 'MissingAuthenticationToken' }
  const key = keys.get(id)
  if (!key) return { error: 'InvalidClientTokenId' }
  const time = header('x-amz-date')
  const at = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (Number.isNaN(at) || !time.startsWith(day)) return { error: 'IncompleteSignature' }
  if (Math.abs(at - now) > 300_000 || where !== region || what !== service) return { error: 'SignatureDoesNotMatch' }
  const signed = names.split(';')
  const isOrdered = signed.every((name, i) => i === 0 || (signed[i - 1] as string) < name)
  const must = ['host', 'x-amz-date', ...(key.token === undefined ? [] : ['x-amz-security-token'])]
  if (!isOrdered || must.some((name) => !signed.includes(name))) return { error: 'SignatureDoesNotMatch' }
  if ((key.token ?? '') !== header('x-amz-security-token')) return { error: 'InvalidClientTokenId' }
  const query = [...url.searchParams]
    .map(([name, value]) => [encoded(name), encoded(value)] as const)
    .sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
  const canonical = [
    method,
    url.pathname.split('/').map(encoded).join('/'),
    query.map((pair) => pair.join('=')).join('&'),
    ...signed.map((name) => `${name}:${header(name).trim().replace(/ +/g, ' ')}`),
    '',
    names,
    sha256(body),
  ].join('\n')
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${day}/${region}/${service}/aws4_request\n${sha256(canonical)}`
  const derived = [day, region, service, 'aws4_request'].reduce<string | Buffer>(mac, `AWS4${key.secret}`)
  if (mac(derived, toSign).toString('hex') !== signature) return { error: 'SignatureDoesNotMatch' }
  if (key.expiresAt !== undefined && key.expiresAt <= now) return { error: 'ExpiredToken' }
  return { accessKeyId: id, key }
}
