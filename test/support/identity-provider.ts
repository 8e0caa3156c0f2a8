/** An identity provider on loopback: discovery, a key set, tokens of any kind, and faults on demand. */
import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { constants, gzipSync } from 'node:zlib'
import { leaks } from './leaks.ts'

export type ProviderAlg = 'RS256' | 'ES256' | 'ES384' | 'EdDSA'
/** What is wrong with the answers. `hang` never answers; `drip` never ends; the others answer at once. */
export type Fault =
  | 'error'
  | 'redirect'
  | 'hang'
  | 'drip'
  | 'gzip'
  | 'huge'
  | 'html'
  | 'garbage'
  | 'empty_keys'
  | 'too_many_keys'
  | 'other_issuer'
export type PublicJwk = Record<string, unknown> & { kty: string }
export type ProviderKey = { kid: string; alg: ProviderAlg; privateKey: KeyObject; jwk: PublicJwk }
export type TokenAsk = { header?: Record<string, unknown>; key?: KeyObject; alg?: ProviderAlg; kid?: string | null }
export type Provider = {
  issuer: string
  jwksUri: string
  /** A signed token. Defaults: sub, aud, iat (now) and exp (in 5 minutes); a claim that is undefined is left out. */
  token(claims?: Record<string, unknown>, ask?: TokenAsk): string
  publicJwks(): { keys: PublicJwk[] }
  key(): ProviderKey
  /** Signs with a new key from now on; publishes the old one too when asked to keep it. */
  rotate(ask?: { keep?: boolean; alg?: ProviderAlg }): ProviderKey
  fail(fault: Fault | null): void
  /** Headers of the key set's answer. */
  headers: Record<string, string>
  requests: { discovery: number; jwks: number }
  close(): Promise<void>
}
type Ask = { alg?: ProviderAlg; audience?: string; subject?: string; now?: () => number; path?: string }

let made = 0
/** A few KB that become 5 MB. */
const bomb = gzipSync(Buffer.alloc(5_000_000, ' '), { level: constants.Z_BEST_SPEED })

export async function startProvider(ask: Ask = {}): Promise<Provider> {
  const { audience = 'https://countersign.example/orgs/acme', subject = 'job-1', now = Date.now, path = '' } = ask
  let published = [generateKey(ask.alg ?? 'RS256')]
  let fault: Fault | null = null
  const current = () => published[0] as ProviderKey
  const requests = { discovery: 0, jwks: 0 }
  const headers: Record<string, string> = {}
  const publicJwks = () => ({ keys: published.map(({ jwk }) => jwk) })

  const server = createServer((req, res) => {
    const isDiscovery = req.url === `${path}/.well-known/openid-configuration`
    if (isDiscovery) requests.discovery++
    else if (req.url === `${path}/jwks`) requests.jwks++
    else return void res.writeHead(404).end()
    if (fault && answerBadly(fault, res)) return
    if (fault === 'empty_keys' && !isDiscovery) return json(res, { keys: [] })
    if (fault === 'too_many_keys' && !isDiscovery) return json(res, { keys: Array(101).fill(current().jwk) })
    const bears = fault === 'other_issuer' ? `${issuer}/` : issuer
    json(res, isDiscovery ? { issuer: bears, jwks_uri: jwksUri } : publicJwks(), isDiscovery ? {} : headers)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`
  const jwksUri = `${issuer}/jwks`

  return {
    issuer,
    jwksUri,
    requests,
    headers,
    publicJwks,
    key: current,
    token(claims = {}, { header = {}, key, alg = current().alg, kid = current().kid } = {}) {
      const iat = Math.floor(now() / 1000)
      const body = { iss: issuer, sub: subject, aud: audience, iat, exp: iat + 300, ...claims }
      return signedToken(
        { alg, typ: 'JWT', ...(kid !== null && { kid }), ...header },
        body,
        key ?? current().privateKey,
      )
    },
    rotate({ keep = false, alg = current().alg } = {}) {
      const key = generateKey(alg)
      published = keep ? [key, ...published] : [key]
      return key
    },
    fail(mode) {
      fault = mode
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export function generateKey(alg: ProviderAlg): ProviderKey {
  const { privateKey, publicKey } =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : alg === 'EdDSA'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('ec', { namedCurve: alg === 'ES256' ? 'P-256' : 'P-384' })
  const kid = `key-${++made}`
  return { kid, alg, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } as PublicJwk }
}

/** Signs whatever it is given, with the signature that the key (not the header) calls for. */
export function signedToken(header: Record<string, unknown>, claims: unknown, key: KeyObject | string): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return signedText(`${part(header)}.${part(claims)}`, key)
}

export function signedText(input: string, key: KeyObject | string): string {
  const privateKey = typeof key === 'string' ? createPrivateKey(key) : key
  const { asymmetricKeyType, asymmetricKeyDetails } = privateKey
  const hash =
    asymmetricKeyType === 'ed25519' ? null : asymmetricKeyDetails?.namedCurve === 'secp384r1' ? 'sha384' : 'sha256'
  const signature = sign(hash, Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  const token = `${input}.${signature.toString('base64url')}`
  leaks.learn('a subject token', token)
  return token
}

function json(res: ServerResponse, body: unknown, headers: Record<string, string> = {}): void {
  res.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

/** True when the answer was given (or never will be). */
function answerBadly(fault: Fault, res: ServerResponse): boolean {
  const type = { 'content-type': 'application/json' }
  const spaces = (bytes: number) => Buffer.alloc(bytes, ' ')
  switch (fault) {
    case 'error':
      res.writeHead(500, type).end('{}')
      return true
    case 'redirect':
      res.writeHead(302, { location: '/elsewhere' }).end()
      return true
    case 'hang':
      return true
    case 'drip':
      drip(res.writeHead(200, type))
      return true
    case 'gzip':
      res.writeHead(200, { ...type, 'content-encoding': 'gzip' })
      res.end(bomb)
      return true
    case 'huge':
      res.writeHead(200, type).end(Buffer.concat([Buffer.from('{"keys":['), spaces(300_000), Buffer.from(']}')]))
      return true
    case 'html':
      res.writeHead(200, { 'content-type': 'text/html' }).end('{}')
      return true
    case 'garbage':
      res.writeHead(200, type).end('{"keys":')
      return true
    default:
      return false
  }
}

function drip(res: ServerResponse): void {
  res.write('{')
  const timer = setInterval(() => res.write(' '), 20)
  res.on('close', () => clearInterval(timer))
}
