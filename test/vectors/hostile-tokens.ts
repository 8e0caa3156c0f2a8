/**
 * Hostile tokens by attack, drawn from the text of RFC 8725 and its bis draft, RFC 7515, 7518, 7519, 7797, 8037, 8812 and
 * 9864. Each has a reason for which it is refused, and a twin: the nearest token in which nothing is wrong, which is
 * accepted, so that the row shows what it names. Where none is given, the twin is the ordinary token.
 */
import { createHmac, type KeyObject } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import type { ExchangeReason } from '../../src/server/errors/catalogue.ts'
import {
  type Curve,
  compose,
  orders,
  pairOf,
  part,
  type Signer,
  signatureIn,
  signatureOf,
  withSignature,
} from '../support/forge.ts'
import loopbackTls from '../support/loopback-tls.json' with { type: 'json' }

/** Who signs: each key that the issuer publishes, by its kid. `any` says nothing of its algorithm. */
export const keyNames = ['rsa', 'pss', 'any', 'es256', 'es384', 'es512', 'ed'] as const
export type KeyName = (typeof keyNames)[number]

export type Scene = {
  issuer: string
  audience: string
  /** Seconds since 1970. */
  now: number
  keys: Record<KeyName, Signer>
  /** Another issuer of the same organization: its own keys, one of them under the kid `rsa`. */
  other: { issuer: string; keys: { rsa: Signer; es256: Signer } }
  /** Trusted for RS256 alone; publishes `rsa` and `es256`. */
  narrow: { issuer: string }
  /** Another organization, whose admin uploaded a key of their own for the same issuer, under the kid `rsa`. */
  foreign: { audience: string; key: Signer }
  /** Nobody's key: the attacker's own. */
  attacker: { rsa: Signer; es256: Signer; ed: Signer; k1: { privateKey: KeyObject; publicKey: KeyObject } }
  /** A URL where somebody counts who asks. */
  elsewhere: string
  /** An access token and an API key of ours. */
  own: { accessToken: string; apiKey: string }
}
export type Make = (scene: Scene) => string
export type Hostile = { rule: Rule; attack: string; from: string; reason: ExchangeReason; token: Make; twin: Make }

/** What is kept to when a stranger's token is read. */
export const rules = {
  algorithm:
    'RS, PS and ES 256 to 512 and EdDSA: never none, HS*, ES256K; compared exactly, and from one issuer as listed',
  confusion: 'one key, one algorithm',
  ownKey: 'a header that brings its own key is not looked at; a kid is a name and nothing else',
  signature: 'a signature is of this key, over these bytes, of one length',
  critical: 'b64 never, crit never, at+jwt never',
  parts: 'three parts of canonical base64url: no padding, no white space, no stray bits',
  json: 'one JSON object from its first byte, in UTF-8, without a byte-order mark',
  repeated: 'no member twice, at any depth, by any spelling',
  sizes: '16 KiB, 16 deep, 200 members',
  types: 'kid, jti, typ and the claims have the types that they must have',
  subject: 'sub is there, is text of at most 1,024 bytes, and is compared exactly',
  issuer: 'iss is compared code point by code point, and its keys are its own',
  audience: 'aud is one of one registration, and no other; at most 32',
  times: 'exp and iat are there; times are numbers that can be, within the caps of the issuer',
} as const
export type Rule = keyof typeof rules

/** Subjects that accounts trust, for twins. */
export const trusted = {
  job: 'job-1',
  longest: 'é'.repeat(512),
  separator: 'job\u2028one',
  composed: 'jéb',
  quote: 'jo"b\\',
}

type Fields = Record<string, unknown>
type Signing = { header?: Fields; by?: (scene: Scene) => Signer }

const claimsOf = ({ issuer, audience, now }: Scene): Fields => ({
  iss: issuer,
  sub: trusted.job,
  aud: audience,
  iat: now,
  exp: now + 300,
})
const rsa = ({ keys }: Scene) => keys.rsa
const key =
  (name: KeyName) =>
  ({ keys }: Scene) =>
    keys[name]

/** The ordinary token, but for these claims and headers; undefined leaves one out. */
const token =
  (claims: Fields | ((scene: Scene) => Fields) = {}, { header = {}, by = rsa }: Signing = {}): Make =>
  (scene) => {
    const signer = by(scene)
    const more = typeof claims === 'function' ? claims(scene) : claims
    return compose(
      JSON.stringify({ alg: signer.alg, kid: signer.kid, typ: 'JWT', ...header }),
      JSON.stringify({ ...claimsOf(scene), ...more }),
      signer,
    )
  }
export const good: Make = token()
const withHeader = (header: Fields, by = rsa): Make => token({}, { header, by })

/** The ordinary token with its claims as this text; `more` begins after the last member. */
const ordinaryClaims = (scene: Scene, without: readonly string[] = []) => {
  const kept = Object.entries(claimsOf(scene)).filter(([name]) => !without.includes(name))
  return JSON.stringify(Object.fromEntries(kept)).slice(0, -1)
}
const plainHeader = '{"alg":"RS256","kid":"rsa"}'
const claimsText =
  (text: (ordinary: string, scene: Scene) => string | Buffer, without: readonly string[] = []): Make =>
  (scene) =>
    compose(plainHeader, text(ordinaryClaims(scene, without), scene), scene.keys.rsa)
const headerText =
  (header: string | Buffer): Make =>
  (scene) =>
    compose(header, JSON.stringify(claimsOf(scene)), scene.keys.rsa)
/** More members behind those of the ordinary header or claims. */
const moreClaims = (more: string, without: readonly string[] = []) => claimsText((text) => `${text},${more}}`, without)
const moreHeader = (more: string) => headerText(`${plainHeader.slice(0, -1)},${more}}`)

/** The ordinary token, signed as `alg` by the key, whatever the header says. */
const signedAs =
  (alg: Signer['alg'], header: Fields, by: (scene: Scene) => Signer): Make =>
  (scene) =>
    token({}, { header, by: () => ({ ...by(scene), alg }) })(scene)

const changed =
  (make: Make, change: (text: string) => string): Make =>
  (scene) =>
    change(make(scene))
const segment = (index: 0 | 1 | 2, change: (text: string) => string) => (text: string) =>
  text
    .split('.')
    .map((one, at) => (at === index ? change(one) : one))
    .join('.')

const rows: Hostile[] = []
const row = (rule: Rule, attack: string, from: string, reason: ExchangeReason, make: Make, twin: Make = good) =>
  rows.push({ rule, attack, from, reason, token: make, twin })

// ---- Which algorithm ----

const unsigned =
  (header: Fields): Make =>
  (scene) =>
    `${part(JSON.stringify(header))}.${part(JSON.stringify(claimsOf(scene)))}.`
const nones = [
  'none',
  'None',
  'NONE',
  'nOnE',
  'NoNe',
  ' none',
  'none ',
  'none\0',
  'n\u043ene',
  '\uff4e\uff4f\uff4e\uff45',
  'null',
  '',
]
for (const alg of nones) {
  const shown = JSON.stringify(alg)
  row('algorithm', `alg ${shown}, unsigned`, 'RFC 8725 §2.1, RFC 7518 §8.5', 'algorithm_not_allowed', unsigned({ alg }))
  row(
    'algorithm',
    `alg ${shown}, signed all the same`,
    'RFC 8725 §3.1, RFC 8725bis (letter case)',
    'algorithm_not_allowed',
    withHeader({ alg }),
  )
}
row(
  'algorithm',
  'a signature that was taken away',
  'RFC 8725 §2.1',
  'token_malformed',
  changed(
    good,
    segment(2, () => ''),
  ),
)
row(
  'algorithm',
  'a signature that was taken away with its dot',
  'RFC 7515 §7.1',
  'token_malformed',
  changed(good, (text) => text.replace(/\.[^.]+$/, '')),
)
for (const alg of [
  'rs256',
  'Rs256',
  'RS256 ',
  ' RS256',
  'RS256\0',
  'eS256',
  'eddsa',
  'EDDSA',
  'ed25519',
  'ED25519',
  'R\u017f256',
])
  row(
    'algorithm',
    `alg ${JSON.stringify(alg)}`,
    'RFC 7515 §4.1.1: case-sensitive',
    'algorithm_not_allowed',
    withHeader({ alg }),
  )
const strangers = [
  'RS1',
  'ES256K',
  'Ed448',
  'ESP256',
  'ML-DSA-65',
  'HS256',
  'dir',
  'A128KW',
  'RSA1_5',
  'RSA-OAEP',
  'ECDH-ES',
  'PBES2-HS256+A128KW',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'length',
  '0',
]
for (const alg of strangers)
  row('algorithm', `alg ${alg}`, 'RFC 8725 §3.2, RFC 9864', 'algorithm_not_allowed', withHeader({ alg }))
row(
  'algorithm',
  'ES256K, signed with it',
  'RFC 8812',
  'algorithm_not_allowed',
  ({ attacker, ...scene }) => {
    const input = `${part('{"alg":"ES256K","kid":"es256"}')}.${part(JSON.stringify(claimsOf({ attacker, ...scene })))}`
    return `${input}.${part(signatureOf('ES256', attacker.k1.privateKey, input))}`
  },
  token({}, { by: key('es256') }),
)
for (const [shown, alg] of Object.entries({
  absent: undefined,
  null: null,
  number: 256,
  list: ['RS256'],
  object: { RS256: true },
  true: true,
}))
  row('types', `alg that is ${shown}`, 'RFC 7515 §4.1.1', 'token_malformed', withHeader({ alg }))
for (const [name, header] of Object.entries({ HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' })) {
  const secrets: [what: string, secret: (scene: Scene) => string | Buffer][] = [
    ['the public key in PEM', ({ keys }) => keys.rsa.publicKey.export({ type: 'spki', format: 'pem' })],
    [
      'the public key in PEM without its last newline',
      ({ keys }) => String(keys.rsa.publicKey.export({ type: 'spki', format: 'pem' })).trim(),
    ],
    ['the public key in PKCS #1', ({ keys }) => keys.rsa.publicKey.export({ type: 'pkcs1', format: 'pem' })],
    ['the public key in DER', ({ keys }) => keys.rsa.publicKey.export({ type: 'spki', format: 'der' })],
    ['the public JWK', ({ keys }) => JSON.stringify(keys.rsa.jwk)],
    ['the public key set', ({ keys }) => JSON.stringify({ keys: Object.values(keys).map(({ jwk }) => jwk) })],
    ['the modulus', ({ keys }) => Buffer.from(String(keys.rsa.jwk.n), 'base64url')],
    ['a weak secret', () => 'secret'],
    ['an empty secret', () => ''],
  ]
  for (const [what, secret] of secrets) {
    const forged =
      (alg: string): Make =>
      (scene) => {
        const input = `${part(JSON.stringify({ alg, kid: 'rsa' }))}.${part(JSON.stringify(claimsOf(scene)))}`
        return `${input}.${createHmac(header, secret(scene)).update(input).digest('base64url')}`
      }
    row(
      'algorithm',
      `${name} with ${what}`,
      'RFC 8725 §2.1 and §2.2, CVE-2015-9235',
      'algorithm_not_allowed',
      forged(name),
    )
    row(
      'signature',
      `RS256 by name, ${name} with ${what} in truth`,
      'RFC 8725 §2.1',
      'signature_invalid',
      forged('RS256'),
    )
  }
}
row(
  'algorithm',
  'an algorithm that this issuer is not trusted for',
  'RFC 8725 §3.1',
  'algorithm_not_allowed',
  token(({ narrow }) => ({ iss: narrow.issuer }), { by: key('es256') }),
  token(({ narrow }) => ({ iss: narrow.issuer })),
)

// ---- One key, one algorithm ----

const confusions: [what: string, header: string, by: KeyName, signs: Signer['alg']][] = [
  ['RS256 as PS256', 'PS256', 'rsa', 'PS256'],
  ['RS256 as RS512', 'RS512', 'rsa', 'RS512'],
  ['PS256 as RS256', 'RS256', 'pss', 'RS256'],
  ['RSA by name, P-256 in truth', 'RS256', 'es256', 'ES256'],
  ['P-256 by name, RSA in truth', 'ES256', 'rsa', 'RS256'],
  ['Ed25519 by name, P-256 in truth', 'EdDSA', 'es256', 'ES256'],
  ['P-256 by name, Ed25519 in truth', 'ES256', 'ed', 'EdDSA'],
  ['RSA by name, Ed25519 in truth', 'RS256', 'ed', 'EdDSA'],
  ['P-384 by name, P-256 in truth', 'ES384', 'es256', 'ES256'],
  ['P-256 by name, P-384 in truth', 'ES256', 'es384', 'ES384'],
  ['P-256 by name, P-521 in truth', 'ES256', 'es512', 'ES512'],
]
for (const [what, alg, by, signs] of confusions)
  row(
    'confusion',
    what,
    'RFC 8725 §3.1: one key, one algorithm',
    'key_not_found',
    signedAs(signs, { alg, kid: by }, key(by)),
    token({}, { by: key(by) }),
  )
const paddings: [alg: string, signs: Signer['alg']][] = [
  ['RS256', 'PS256'],
  ['PS256', 'RS256'],
  ['RS256', 'RS384'],
  ['RS512', 'RS256'],
  ['PS512', 'PS256'],
]
for (const [alg, signs] of paddings)
  row(
    'confusion',
    `${alg} by name, ${signs} in truth`,
    'RFC 7518 §8.7',
    'signature_invalid',
    signedAs(signs, { alg }, key('any')),
    signedAs(alg as Signer['alg'], { alg }, key('any')),
  )
row(
  'confusion',
  'Ed25519 and EdDSA are one: another key under the new name',
  'RFC 9864 §2.2',
  'signature_invalid',
  (scene) => token({}, { header: { alg: 'Ed25519', kid: 'ed' }, by: () => scene.attacker.ed })(scene),
  withHeader({ alg: 'Ed25519' }, key('ed')),
)

// ---- Keys that a token brings, and names of keys ----

const brings: [what: string, from: string, header: (scene: Scene) => Fields][] = [
  ['jwk', 'RFC 7515 §4.1.3, CVE-2018-0114', ({ attacker }) => ({ jwk: attacker.es256.jwk })],
  ['jku', 'RFC 7515 §4.1.2, RFC 8725 §2.9', ({ elsewhere }) => ({ jku: elsewhere })],
  ['x5u', 'RFC 7515 §4.1.5, RFC 8725 §2.9', ({ elsewhere }) => ({ x5u: elsewhere })],
  ['x5t', 'RFC 7515 §10.11', () => ({ x5t: 'AAAA', 'x5t#S256': 'AAAA' })],
]
for (const [what, from, header] of brings) {
  row(
    'ownKey',
    `${what} under an unknown kid`,
    from,
    'key_not_found',
    (scene) => withHeader({ ...header(scene), kid: 'mine' }, () => scene.attacker.es256)(scene),
    (scene) => withHeader(header(scene))(scene),
  )
  row(
    'ownKey',
    `${what} under the kid of ours`,
    from,
    'signature_invalid',
    (scene) => withHeader({ ...header(scene), kid: 'es256' }, () => scene.attacker.es256)(scene),
    (scene) => withHeader(header(scene), key('es256'))(scene),
  )
  row(
    'ownKey',
    `${what} without a kid`,
    from,
    'signature_invalid',
    (scene) => withHeader({ ...header(scene), kid: undefined }, () => scene.attacker.es256)(scene),
    (scene) => withHeader({ ...header(scene), kid: undefined }, key('es256'))(scene),
  )
}
const certified = { x5c: [loopbackTls.cert.replace(/-----[^-]+-----|\s/g, '')] }
row(
  'ownKey',
  'x5c with the certificate of the key that signed',
  'RFC 7515 §4.1.6',
  'signature_invalid',
  (scene) => {
    const input = `${part(JSON.stringify({ alg: 'ES256', kid: 'es256', ...certified }))}.${part(JSON.stringify(claimsOf(scene)))}`
    return `${input}.${part(signatureOf('ES256', loopbackTls.key as never, input))}`
  },
  withHeader(certified, key('es256')),
)
const kids: Record<string, unknown> = {
  'a path': '../../../../dev/null',
  'a path that ends in ours': './rsa',
  SQL: "x' UNION SELECT 'AAAA' --",
  'a command': '|/bin/sleep 5',
  'a URL': 'http://127.0.0.1/jwks#rsa',
  'a template': '{{7*7}}',
  // In brackets, or it would be the prototype of this object.
  ['__proto__']: '__proto__',
  constructor: 'constructor',
  toString: 'toString',
  '10,000 characters': 'k'.repeat(10_000),
  nothing: '',
  'ours and NUL': 'rsa\0',
  'ours and a newline': 'rsa\n',
  'ours after a space': ' rsa',
  'ours in capitals': 'RSA',
  'ours in Cyrillic': 'rs\u0430',
  'a wildcard': '*',
}
for (const [what, kid] of Object.entries(kids))
  row('ownKey', `a kid that is ${what}`, 'RFC 8725 §2.9, RFC 7515 §10.13', 'key_not_found', withHeader({ kid }))
row(
  'ownKey',
  'no kid, where many keys fit',
  'RFC 7515 §6',
  'key_not_found',
  withHeader({ kid: undefined }),
  withHeader({ kid: undefined }, key('es256')),
)
const wrongTypes: Record<string, unknown> = {
  null: null,
  'a number': 1,
  'a list': ['rsa'],
  'an object': { a: 'rsa' },
  true: true,
  false: false,
}
for (const [what, value] of Object.entries(wrongTypes)) {
  row('types', `a kid that is ${what}`, 'RFC 7515 §4.1.4', 'token_malformed', withHeader({ kid: value }))
  row('types', `a typ that is ${what}`, 'RFC 7515 §4.1.9', 'token_malformed', withHeader({ typ: value }))
  row(
    'types',
    `a jti that is ${what}`,
    'RFC 7519 §4.1.7',
    'token_malformed',
    token({ jti: value }),
    token({ jti: '1' }),
  )
  row('types', `a sub that is ${what}`, 'RFC 7519 §4.1.2', 'token_malformed', token({ sub: value }))
  row('types', `an iss that is ${what}`, 'RFC 7519 §4.1.1', 'token_malformed', token({ iss: value }))
  for (const name of ['exp', 'nbf', 'iat'])
    if (typeof value !== 'number')
      row('types', `${name} that is ${what}`, 'RFC 7519 §2 (NumericDate)', 'token_malformed', token({ [name]: value }))
}
for (const name of ['exp', 'nbf', 'iat'])
  row(
    'types',
    `${name} that is a number in quotes`,
    'RFC 7519 §2 (NumericDate)',
    'token_malformed',
    token(({ now }) => ({ [name]: String(now) })),
    token(({ now }) => ({ [name]: now + (name === 'exp' ? 1 : 0) })),
  )

// ---- Signatures ----

row('signature', "another's key", 'RFC 8725 §2.1', 'signature_invalid', (scene) =>
  withHeader({ kid: 'rsa' }, () => scene.attacker.rsa)(scene),
)
row(
  'signature',
  'claims that were changed',
  'RFC 7515 §5.2',
  'signature_invalid',
  (scene) => segment(1, () => part(JSON.stringify({ ...claimsOf(scene), role: 'admin' })))(good(scene)),
  token({ role: 'admin' }),
)
row(
  'signature',
  'a header that was changed',
  'RFC 7515 §10.7',
  'signature_invalid',
  changed(
    good,
    segment(0, () => part(plainHeader)),
  ),
  headerText(plainHeader),
)
row('signature', 'the signature of another token', 'RFC 7515 §5.2', 'signature_invalid', (scene) =>
  withSignature(good(scene), signatureIn(token({ a: 1 })(scene))),
)
row('signature', 'over the decoded text', 'RFC 7515 §5.1', 'signature_invalid', (scene) =>
  withSignature(good(scene), signatureOf('RS256', scene.keys.rsa.privateKey, JSON.stringify(claimsOf(scene)))),
)
row('signature', 'over the claims alone', 'RFC 7515 §5.1', 'signature_invalid', (scene) =>
  withSignature(good(scene), signatureOf('RS256', scene.keys.rsa.privateKey, good(scene).split('.')[1] as string)),
)
for (const curve of Object.keys(orders) as Curve[]) {
  const n = orders[curve]
  const by = key(curve.toLowerCase() as KeyName)
  const ordinary = token({}, { by })
  const values: [what: string, r: bigint, s: bigint][] = [
    ['r and s are 0', 0n, 0n],
    ['r is 0', 0n, 1n],
    ['s is 0', 1n, 0n],
    ['r is n', n, 1n],
    ['s is n', 1n, n],
    ['r and s are n', n, n],
    ['r is n + 1', n + 1n, 1n],
    ['r and s are 1', 1n, 1n],
    ['r is n - 1', n - 1n, n - 1n],
  ]
  for (const [what, r, s] of values)
    row(
      'signature',
      `a psychic signature of ${curve}: ${what}`,
      'RFC 8725 §3.4, CVE-2022-21449',
      'signature_invalid',
      (scene) => withSignature(ordinary(scene), pairOf(curve, r, s)),
      ordinary,
    )
  row(
    'signature',
    `${curve} with s + n, where it fits`,
    'RFC 7518 §3.4',
    'signature_invalid',
    (scene) => {
      const given = ordinary(scene)
      const half = signatureIn(given).length / 2
      const [r, s] = [signatureIn(given).subarray(0, half), signatureIn(given).subarray(half)].map((one) =>
        BigInt(`0x${one.toString('hex')}`),
      ) as [bigint, bigint]
      const most = 1n << BigInt(half * 8)
      return withSignature(given, pairOf(curve, r, s + n < most ? s + n : most - 1n))
    },
    ordinary,
  )
}
const lengths: [what: string, by: KeyName, change: (signature: Buffer) => Buffer][] = [
  ['ES256 in 63 bytes', 'es256', (one) => one.subarray(1)],
  ['ES256 in 65 bytes', 'es256', (one) => Buffer.concat([one, Buffer.from([0])])],
  ['ES256 with a zero in front', 'es256', (one) => Buffer.concat([Buffer.from([0]), one])],
  ['ES256 twice', 'es256', (one) => Buffer.concat([one, one])],
  ['ES256 in one byte', 'es256', (one) => one.subarray(0, 1)],
  ['EdDSA in 63 bytes', 'ed', (one) => one.subarray(0, 63)],
  ['EdDSA in 65 bytes', 'ed', (one) => Buffer.concat([one, Buffer.from([0])])],
  ['EdDSA of zeros', 'ed', () => Buffer.alloc(64)],
  ['EdDSA with S + L', 'ed', beyondOrder],
  ['EdDSA with another R', 'ed', (one) => Buffer.concat([Buffer.from([1]), Buffer.alloc(31), one.subarray(32)])],
  ['RS256 in 255 bytes', 'rsa', (one) => one.subarray(1)],
  ['RS256 in 257 bytes', 'rsa', (one) => Buffer.concat([Buffer.from([0]), one])],
  ['RS256 of zeros', 'rsa', (one) => Buffer.alloc(one.length)],
  ['RS256 of ones', 'rsa', (one) => Buffer.alloc(one.length, 0xff)],
  ['PS256 in 255 bytes', 'pss', (one) => one.subarray(0, -1)],
  ['PS256 with a zero in front', 'pss', (one) => Buffer.concat([Buffer.from([0]), one])],
  ['PS256 of zeros', 'pss', (one) => Buffer.alloc(one.length)],
]
for (const [what, by, change] of lengths) {
  const ordinary = token({}, { by: key(by) })
  row(
    'signature',
    what,
    'RFC 7518 §3, RFC 8037 §3.1',
    'signature_invalid',
    (scene) => withSignature(ordinary(scene), change(signatureIn(ordinary(scene)))),
    ordinary,
  )
}
/** (R, S + L): what OpenSSL before 1.1.1 took too (RFC 8032 §5.1.7). */
function beyondOrder(signature: Buffer): Buffer {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n
  const value = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse()])
}
for (const [what, salt] of [
  ['no salt', 0],
  ['a salt of 20 bytes', 20],
  ['the longest salt', 222],
] as const)
  row(
    'signature',
    `PS256 with ${what}`,
    'RFC 7518 §3.5',
    'signature_invalid',
    (scene) => {
      const given = token({}, { by: key('pss') })(scene)
      return withSignature(
        given,
        signatureOf('PS256', scene.keys.pss.privateKey, given.slice(0, given.lastIndexOf('.')), salt),
      )
    },
    token({}, { by: key('pss') }),
  )
row(
  'signature',
  'PS256 whose leading zero is left out',
  'RFC 8017 §8.1.2',
  'signature_invalid',
  (scene) => {
    const given = token({}, { by: key('pss') })(scene)
    const input = given.slice(0, given.lastIndexOf('.'))
    // One in 256 begins with a zero.
    for (;;) {
      const one = signatureOf('PS256', scene.keys.pss.privateKey, input)
      if (one[0] === 0) return withSignature(given, one.subarray(1))
    }
  },
  token({}, { by: key('pss') }),
)
row(
  'signature',
  'ES256 in DER',
  'RFC 7518 §3.4',
  'signature_invalid',
  (scene) => {
    const given = token({}, { by: key('es256') })(scene)
    const one = signatureIn(given)
    const integer = (bytes: Buffer) => Buffer.concat([Buffer.from([2, bytes.length + 1, 0]), bytes])
    const both = Buffer.concat([integer(one.subarray(0, 32)), integer(one.subarray(32))])
    return withSignature(given, Buffer.concat([Buffer.from([0x30, both.length]), both]))
  },
  token({}, { by: key('es256') }),
)

// ---- crit, b64, typ ----

const crits: [what: string, crit: unknown][] = [
  ['of a name that we know', ['exp']],
  ['of nothing', []],
  ['of b64', ['b64']],
  ['of a header of RFC 7515', ['alg']],
  ['of a name that nobody knows', ['http://example.invalid/UNDEFINED']],
  ['of one name twice', ['x', 'x']],
  ['that is text', 'b64'],
  ['that is null', null],
  ['that is false', false],
  ['that is an object', {}],
  ['of a number', [1]],
]
for (const [what, crit] of crits)
  row(
    'critical',
    `crit ${what}`,
    'RFC 7515 §4.1.11, Appendix E',
    'critical_header',
    withHeader({ crit, exp: 1, x: 1 }),
    withHeader({ exp: 1, x: 1 }),
  )
row(
  'critical',
  'crit by an escape',
  'RFC 7515 §4.1.11',
  'critical_header',
  moreHeader('"cr\\u0069t":["x"],"x":1'),
  moreHeader('"CRIT":["x"],"x":1'),
)
row(
  'critical',
  'b64 with crit, as it has to be',
  'RFC 7797 §6',
  'critical_header',
  withHeader({ b64: false, crit: ['b64'] }),
)
for (const b64 of [false, true, null, 'false', 0])
  row(
    'critical',
    `b64 ${JSON.stringify(b64)} alone`,
    'RFC 7797 §3 and §6',
    'token_malformed',
    withHeader({ b64 }),
    withHeader({ B64: b64 }),
  )
row('critical', 'an unencoded payload', 'RFC 7797 §4.2', 'critical_header', (scene) => {
  const input = `${part('{"alg":"RS256","kid":"rsa","b64":false,"crit":["b64"]}')}.{"iss":"${scene.issuer.replaceAll('.', '')}"}`
  return `${input}.${part(signatureOf('RS256', scene.keys.rsa.privateKey, input))}`
})
row(
  'critical',
  'a detached payload',
  'RFC 7515 Appendix F',
  'token_malformed',
  changed(
    good,
    segment(1, () => ''),
  ),
)
for (const typ of [
  'at+jwt',
  'AT+JWT',
  'At+Jwt',
  'aT+jWT',
  'application/at+jwt',
  'Application/AT+JWT',
  'APPLICATION/at+jwt',
])
  row(
    'critical',
    `typ ${typ}`,
    'RFC 9068 §2.1, RFC 8725 §2.8 and §3.11',
    'token_malformed',
    withHeader({ typ }),
    withHeader({ typ: typ.replace(/at\+/i, '') }),
  )
row(
  'critical',
  'typ at+jwt by an escape',
  'RFC 8725 §3.11',
  'token_malformed',
  headerText('{"alg":"RS256","kid":"rsa","typ":"a\\u0074\\u002Bjwt"}'),
  headerText('{"alg":"RS256","kid":"rsa","typ":"\\u004aWT"}'),
)
row('critical', 'an access token of ours', 'RFC 8725 §2.7', 'token_malformed', ({ own }) => own.accessToken)
row('critical', 'an API key of ours as a token', 'RFC 8725 §2.8', 'token_malformed', ({ own }) => own.apiKey)
row('critical', 'a proof of possession as a token', 'RFC 8725 §2.8, RFC 9449', 'issuer_missing', (scene) =>
  compose(
    JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: scene.keys.es256.jwk }),
    JSON.stringify({ jti: '1', htm: 'POST', htu: 'https://x.example', iat: scene.now }),
    scene.keys.es256,
  ),
)

// ---- Three parts of canonical base64url ----

const names = ['header', 'claims', 'signature'] as const
/** Each segment has spare bits at its end: the header has 2 bytes over a multiple of 3, the claims 1 or 2, the signature 1. */
const spare: Make = (scene) => {
  const claims = JSON.stringify({ ...claimsOf(scene), x: '' })
  const filled = claims.length % 3 === 0 ? claims.replace('"x":""', '"x":"1"') : claims
  return compose('{"alg":"RS256","kid":"rsa" }', filled, scene.keys.rsa)
}
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const nextLetter = (text: string) =>
  text.slice(0, -1) + (alphabet[alphabet.indexOf(text.at(-1) as string) + 1] as string)
const spoilt: [what: string, change: (text: string) => string][] = [
  ['padding', (text) => text.padEnd(Math.ceil(text.length / 4) * 4, '=')],
  ['padding that is not needed', (text) => `${text}=`],
  ['a space inside', (text) => `${text.slice(0, 9)} ${text.slice(9)}`],
  ['a newline inside', (text) => `${text.slice(0, 9)}\n${text.slice(9)}`],
  ['a tab inside', (text) => `${text.slice(0, 9)}\t${text.slice(9)}`],
  ['a no-break space inside', (text) => `${text.slice(0, 9)}\u00a0${text.slice(9)}`],
  ['NUL inside', (text) => `${text.slice(0, 9)}\0${text.slice(9)}`],
  ['stray bits at its end', nextLetter],
  ['a last letter that makes no byte', (text) => text + 'A'.repeat((5 - (text.length % 4)) % 4)],
  ['a full-width letter', (text) => `${text.slice(0, 9)}\uff21${text.slice(10)}`],
  ['a letter beyond Latin-1', (text) => `${text.slice(0, 9)}\u0141${text.slice(10)}`],
  ['the other alphabet', (text) => `${text.slice(0, 8)}+/${text.slice(10)}`],
  ['percent signs', (text) => `${text.slice(0, 9)}%41${text.slice(10)}`],
]
for (const [index, name] of names.entries())
  for (const [what, change] of spoilt)
    row(
      'parts',
      `${name} with ${what}`,
      'RFC 7515 §2 and Appendix C, RFC 8725 §2.6',
      'token_malformed',
      changed(spare, segment(index as 0 | 1 | 2, change)),
      spare,
    )
const shapes: [what: string, from: string, change: (text: string, scene: Scene) => string][] = [
  ['a dot in front', 'RFC 7515 §7.1', (text) => `.${text}`],
  ['a dot behind', 'RFC 7515 §7.1', (text) => `${text}.`],
  ['a fourth part', 'RFC 7515 §7.1', (text) => `${text}.YQ`],
  ['five parts, as if encrypted', 'RFC 7516 §7.1, RFC 8725 §2.3', (text) => `${text}.YQ.YQ`],
  ['six parts', 'RFC 7515 §7.1', (text) => `${text}.YQ.YQ.YQ`],
  ['two tokens', 'RFC 7515 §7.1', (text) => `${text}.${text}`],
  ['two tokens with a comma', 'RFC 7515 §7.1', (text) => `${text},${text}`],
  ['the header alone', 'RFC 7515 §7.1', (text) => text.split('.')[0] as string],
  ['dots alone', 'RFC 7515 §7.1', () => '..'],
  ['10,000 dots', 'RFC 8725bis (denial of service)', () => '.'.repeat(10_000)],
  ['a scheme in front', 'RFC 6750 §2.1', (text) => `Bearer ${text}`],
  ['quotes around it', 'RFC 7515 §7.1', (text) => `"${text}"`],
  ['a byte-order mark in front', 'RFC 8725 §2.6', (text) => `\ufeff${text}`],
  [
    'the flattened JSON serialization',
    'RFC 7515 §7.2.2, RFC 8725bis (format confusion)',
    (text) => {
      const [header, payload, signature] = text.split('.')
      return JSON.stringify({ protected: header, payload, signature })
    },
  ],
  [
    'the general JSON serialization',
    'RFC 7515 §7.2.1',
    (text) => {
      const [header, payload, signature] = text.split('.')
      return JSON.stringify({ payload, signatures: [{ protected: header, signature }] })
    },
  ],
  [
    'compact and JSON at once',
    'CVE-2022-39227',
    (text) => {
      const [header, payload, signature] = text.split('.')
      return `{"  ${header}.${part('{"sub":"admin"}')}.":"","protected":"${header}","payload":"${payload}","signature":"${signature}"}`
    },
  ],
]
for (const [what, from, change] of shapes)
  row('parts', what, from, 'token_malformed', (scene) => change(good(scene), scene))
row(
  'parts',
  'encrypted for a password with 2^31 rounds',
  'RFC 8725bis (PBES2), CVE-2023-52428',
  'token_malformed',
  () => `${part('{"alg":"PBES2-HS512+A256KW","enc":"A256GCM","p2s":"AAAA","p2c":2147483647}')}.YQ.YQ.YQ.YQ`,
)
row('json', 'claims that are a signed token', 'RFC 7519 §5.2 (nested)', 'token_malformed', (scene) =>
  compose('{"alg":"RS256","kid":"rsa","cty":"JWT"}', good(scene), scene.keys.rsa),
)
row(
  'json',
  'claims that were compressed',
  'RFC 8725 §3.6, RFC 8725bis (decompression)',
  'token_malformed',
  (scene) =>
    compose('{"alg":"RS256","kid":"rsa","zip":"DEF"}', deflateRawSync(JSON.stringify(claimsOf(scene))), scene.keys.rsa),
  withHeader({ zip: 'DEF' }),
)

// ---- One JSON object ----

const forms: [what: string, from: string, claims: (ordinary: string) => string | Buffer][] = [
  ['a byte-order mark', 'RFC 8725 §3.7, RFC 8259 §8.1', (text) => `\ufeff${text}}`],
  ['UTF-16', 'RFC 8725 §3.7', (text) => Buffer.from(`${text}}`, 'utf16le')],
  ['UTF-16 with a mark', 'RFC 8725 §3.7', (text) => Buffer.from(`\ufeff${text}}`, 'utf16le')],
  ['a space in front', 'RFC 7515 §10.12', (text) => ` ${text}}`],
  ['a newline in front', 'RFC 7515 §10.12', (text) => `\n${text}}`],
  ['NUL in front', 'RFC 7515 §10.12', (text) => `\0${text}}`],
  ['NUL behind', 'RFC 7515 §10.12', (text) => `${text}}\0`],
  ['something behind', 'RFC 7515 §10.12', (text) => `${text}}x`],
  ['a second object behind', 'RFC 7515 §10.12', (text) => `${text}}{"sub":"admin"}`],
  ['a list around', 'RFC 7519 §7.2', (text) => `[${text}}]`],
  ['text', 'RFC 7519 §7.2', () => '"claims"'],
  ['a number', 'RFC 7519 §7.2', () => '1'],
  ['null', 'RFC 7519 §7.2', () => 'null'],
  ['true', 'RFC 7519 §7.2', () => 'true'],
  ['half of it', 'RFC 7519 §7.2', (text) => text],
  ['a comma too many', 'RFC 8259 §4', (text) => `${text},}`],
  ['a comment', 'RFC 8259 §2', (text) => `${text}/**/}`],
  ['single quotes', 'RFC 8259 §7', (text) => `${text},'a':1}`],
  ['a name without quotes', 'RFC 8259 §4', (text) => `${text},a:1}`],
  ['NaN', 'RFC 8259 §6', (text) => `${text},"a":NaN}`],
  ['Infinity', 'RFC 8259 §6', (text) => `${text},"a":Infinity}`],
  ['1e400', 'RFC 8259 §6', (text) => `${text},"a":1e400}`],
  ['-1e400 deep inside', 'RFC 8259 §6', (text) => `${text},"a":[{"b":-1e400}]}`],
  ['a number in hexadecimal', 'RFC 8259 §6', (text) => `${text},"a":0x10}`],
  ['a leading zero', 'RFC 8259 §6', (text) => `${text},"a":01}`],
  ['a plus sign', 'RFC 8259 §6', (text) => `${text},"a":+1}`],
  ['a raw newline in text', 'RFC 8259 §7', (text) => `${text},"a":"\n"}`],
  ['an unknown escape', 'RFC 8259 §7', (text) => `${text},"a":"\\x41"}`],
  ['a lone high surrogate', 'RFC 8259 §8.2', (text) => `${text},"a":"\\ud800"}`],
  ['a lone low surrogate', 'RFC 8259 §8.2', (text) => `${text},"a":"\\udc00x"}`],
  ['surrogates the wrong way round', 'RFC 8259 §8.2', (text) => `${text},"a":"\\udc00\\ud800"}`],
  ['a lone surrogate in a name', 'RFC 8259 §8.2', (text) => `${text},"\\ud800":1}`],
  ['a lone surrogate deep inside', 'RFC 8259 §8.2', (text) => `${text},"a":[[{"b":"\\uDBFF"}]]}`],
  ['the byte FF', 'RFC 8725 §3.7', (text) => bytes(text, 0xff)],
  ['an overlong slash', 'RFC 3629 §3', (text) => bytes(text, 0xc0, 0xaf)],
  ['an overlong NUL', 'RFC 3629 §3', (text) => bytes(text, 0xc0, 0x80)],
  ['an overlong letter in three bytes', 'RFC 3629 §3', (text) => bytes(text, 0xe0, 0x81, 0x81)],
  ['CESU-8', 'RFC 3629 §3', (text) => bytes(text, 0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80)],
  ['a code point beyond 10FFFF', 'RFC 3629 §3', (text) => bytes(text, 0xf4, 0x90, 0x80, 0x80)],
  ['half a character', 'RFC 3629 §3', (text) => bytes(text, 0xc3)],
]
function bytes(text: string, ...octets: number[]): Buffer {
  return Buffer.concat([Buffer.from(`${text},"a":"`), Buffer.from(octets), Buffer.from('"}')])
}
const wellFormed = claimsText(
  (text) => `${text.replace('{', '{ \t\r\n')},"a":["\\ud83d\\ude00","\u2028\u2029","\u00e9/\\/",1e308,-0]} \n`,
)
for (const [what, from, claims] of forms)
  row('json', `claims with ${what}`, from, 'token_malformed', claimsText(claims), wellFormed)
const headers: [what: string, header: string | Buffer][] = [
  ['a byte-order mark', `\ufeff${plainHeader}`],
  ['UTF-16', Buffer.from(plainHeader, 'utf16le')],
  ['a space in front', ` ${plainHeader}`],
  ['a list around', `[${plainHeader}]`],
  ['null', 'null'],
  ['text', '"RS256"'],
  ['nothing', ''],
  [
    'the byte FF',
    Buffer.concat([Buffer.from('{"alg":"RS256","kid":"rsa","a":"'), Buffer.from([0xff]), Buffer.from('"}')]),
  ],
  ['a lone surrogate', '{"alg":"RS256","kid":"rsa","a":"\\ud800"}'],
  ['1e400', '{"alg":"RS256","kid":"rsa","a":1e400}'],
]
for (const [what, header] of headers)
  row(
    'json',
    `a header with ${what}`,
    'RFC 7515 §4 and §10.12',
    'token_malformed',
    headerText(header),
    headerText(`${plainHeader} \n`),
  )
row(
  'json',
  'an empty header',
  'RFC 7515 §7.1',
  'token_malformed',
  changed(
    good,
    segment(0, () => ''),
  ),
)
row('json', 'a header without members', 'RFC 7515 §4.1.1', 'token_malformed', headerText('{}'))
row(
  'json',
  'alg in __proto__ alone',
  'RFC 7515 §4.1.1',
  'token_malformed',
  headerText('{"__proto__":{"alg":"RS256"},"kid":"rsa"}'),
  headerText('{"__proto__":{"alg":"none","crit":["x"],"b64":false},"alg":"RS256","kid":"rsa"}'),
)

// ---- No member twice ----

const repeatedHeaders: [what: string, more: string][] = [
  ['alg', '"alg":"none"'],
  ['alg by an escape', '"\\u0061lg":"none"'],
  ['alg, the same again', '"alg":"RS256"'],
  ['kid', '"kid":"es256"'],
  ['an unknown name', '"x":1,"x":1'],
  ['a name deep inside', '"x":{"y":[{"z":1,"z":2}]}'],
]
for (const [what, more] of repeatedHeaders)
  row(
    'repeated',
    `${what} in the header`,
    'RFC 7515 §4 and §10.12',
    'token_malformed',
    moreHeader(more),
    moreHeader('"x":{"alg":"none","x":{"kid":1}}'),
  )
const repeatedClaims: [what: string, more: string][] = [
  ['sub', '"sub":"admin"'],
  ['sub by an escape', '"s\\u0075b":"admin"'],
  ['sub by an escape in capitals', '"\\u0073\\u0075\\u0062":"admin"'],
  ['iss', '"iss":"https://evil.example"'],
  ['aud', '"aud":["x"]'],
  ['exp', '"exp":9999999999'],
  ['iat', '"iat":0'],
  ['the empty name', '"":1,"":2'],
  ['__proto__', '"__proto__":{},"__proto__":{"sub":"admin"}'],
  ['constructor', '"constructor":1,"constructor":2'],
  ['a name in quotes', '"a\\"":1,"a\\"":2'],
  ['a name with a slash, escaped once', '"a/b":1,"a\\/b":2'],
  ['a name in another plane, escaped once', '"\u{1f600}":1,"\\ud83d\\ude00":2'],
]
for (const [what, more] of repeatedClaims)
  row(
    'repeated',
    `${what} in the claims`,
    'RFC 7519 §4, RFC 8725 §2.6',
    'token_malformed',
    moreClaims(more),
    moreClaims('"SUB":1,"sub ":2,"o":{"sub":"a","o":{"sub":"b"}},"__proto__":1,"":1'),
  )
for (let depth = 1; depth <= 14; depth++) {
  const nested = (inner: string) =>
    `"n":${depth % 2 ? '{"m":'.repeat(depth) : '['.repeat(depth)}${inner}${(depth % 2 ? '}' : ']').repeat(depth)}`
  row(
    'repeated',
    `a name ${depth} below the claims`,
    'RFC 7519 §4',
    'token_malformed',
    moreClaims(nested('{"d":1,"d":1}')),
    moreClaims(nested('{"d":1,"e":1}')),
  )
}

// ---- Sizes ----

/** A token of so many characters: filled up in claims and header. */
const ofLength =
  (length: number): Make =>
  (scene) => {
    const made = (inHeader: number, inClaims: number) =>
      token({ fill: 'f'.repeat(inClaims) }, { header: { x: 'x'.repeat(inHeader) } })(scene)
    const room = Math.floor(((length - made(0, 0).length) * 3) / 4)
    for (const inHeader of [0, 1, 2, 3, 4, 5])
      for (const less of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
        const tried = made(inHeader, room - less)
        if (tried.length === length) return tried
      }
    throw new Error(`no token has ${length} characters`)
  }
const members = (n: number) => Array.from({ length: n }, (_, i) => `"m${i}":${i}`).join()
const deep = (open: string, close: string, n: number) => `"d":${open.repeat(n)}1${close.repeat(n)}`
row('sizes', '16,385 bytes', 'RFC 7515 §10.12', 'token_too_large', ofLength(16_385), ofLength(16_384))
row(
  'sizes',
  '60,000 bytes',
  'RFC 7515 §10.12',
  'token_too_large',
  token({ fill: 'f'.repeat(44_000) }),
  token({ fill: 'f'.repeat(11_000) }),
)
row('sizes', '201 claims', 'RFC 8725 §2.6', 'token_malformed', moreClaims(members(196)), moreClaims(members(195)))
row('sizes', '201 headers', 'RFC 8725 §2.6', 'token_malformed', moreHeader(members(199)), moreHeader(members(198)))
row(
  'sizes',
  '17 lists deep',
  'RFC 8259 §9',
  'token_malformed',
  moreClaims(deep('[', ']', 16)),
  moreClaims(deep('[', ']', 15)),
)
row(
  'sizes',
  '17 objects deep',
  'RFC 8259 §9',
  'token_malformed',
  moreClaims(deep('{"a":', '}', 16)),
  moreClaims(deep('{"a":', '}', 15)),
)
row(
  'sizes',
  'a header 17 deep',
  'RFC 8259 §9',
  'token_malformed',
  moreHeader(deep('[', ']', 16)),
  moreHeader(deep('[', ']', 15)),
)
row(
  'sizes',
  '5,000 lists deep',
  'RFC 8259 §9',
  'token_malformed',
  moreClaims(deep('[', ']', 5_000)),
  moreClaims(`"d":[${'[],'.repeat(2_000)}1]`),
)
row(
  'sizes',
  '10,000 open lists',
  'RFC 8259 §9',
  'token_malformed',
  moreClaims(`"d":${'['.repeat(10_000)}`),
  moreClaims(`"d":"${'['.repeat(10_000)}"`),
)

// ---- Claims ----

const noSubject: [what: string, make: Make][] = [
  ['no sub', token({ sub: undefined })],
  ['an empty sub', token({ sub: '' })],
  ['a sub in __proto__ alone', moreClaims('"__proto__":{"sub":"job-1"}', ['sub'])],
]
for (const [what, make] of noSubject)
  row(
    'subject',
    what,
    'RFC 8725 §3.8',
    'subject_missing',
    make,
    moreClaims('"constructor":1,"toString":1,"hasOwnProperty":1,"__proto__":{"sub":"x"}'),
  )
row(
  'subject',
  'a sub of 1,025 bytes',
  'security limits',
  'token_malformed',
  token({ sub: `${trusted.longest}a` }),
  token({ sub: trusted.longest }),
)
for (const [what, control] of Object.entries({
  NUL: '\0',
  newline: '\n',
  'carriage return': '\r',
  tab: '\t',
  DEL: '\x7f',
  NEL: '\x85',
  'escape character': '\x1b',
}))
  row(
    'subject',
    `a sub with a ${what}`,
    'RFC 8725 §3.10',
    'token_malformed',
    token({ sub: `job${control}one` }),
    token({ sub: trusted.separator }),
  )
row(
  'subject',
  'a sub with a lone surrogate',
  'RFC 8259 §8.2',
  'token_malformed',
  claimsText((text) => `${text},"sub":"job-1\\ud800"}`, ['sub']),
  claimsText((text) => `${text},"sub":"\\u006aob-1"}`, ['sub']),
)
const nearSubjects: Record<string, [sub: string, twin?: string]> = {
  'in capitals': ['JOB-1'],
  'with a space behind': ['job-1 '],
  'with a space in front': [' job-1'],
  'with a zero-width space': ['job-1\u200b'],
  'with a soft hyphen': ['job\u00ad-1'],
  'in Cyrillic': ['j\u043eb-1'],
  'in full width': ['\uff4aob-1'],
  decomposed: ['je\u0301b', trusted.composed],
  'with a paragraph separator': ['job\u2029one', trusted.separator],
  'that is a wildcard': ['*'],
  'that is a pattern': ['job-?'],
  'with SQL': ["job-1' OR '1'='1"],
  'without its backslash': ['jo"b', trusted.quote],
  'of somebody else': ['job-2'],
}
for (const [what, [sub, twin = trusted.job]] of Object.entries(nearSubjects))
  row(
    'subject',
    `a sub ${what}`,
    'RFC 7515 §10.13, RFC 8725 §3.10',
    'no_account_matches',
    token({ sub }),
    token({ sub: twin }),
  )

row('issuer', 'no iss', 'RFC 8725 §3.8', 'issuer_missing', token({ iss: undefined }))
row('issuer', 'an empty iss', 'RFC 8725 §3.8', 'issuer_missing', token({ iss: '' }))
row(
  'issuer',
  'an iss in __proto__ alone',
  'RFC 8725 §3.8',
  'issuer_missing',
  claimsText((text, { issuer }) => `${text},"__proto__":{"iss":"${issuer}"}}`, ['iss']),
)
const nearIssuers: Record<string, (issuer: string) => string> = {
  'with a slash': (issuer) => `${issuer}/`,
  'in capitals': (issuer) => issuer.toUpperCase(),
  'with its port': (issuer) => `${issuer}:443`,
  'without TLS': (issuer) => issuer.replace('https', 'http'),
  'with a fragment': (issuer) => `${issuer}#`,
  'with a query': (issuer) => `${issuer}?`,
  'with a space': (issuer) => `${issuer} `,
  'with NUL': (issuer) => `${issuer}\0`,
  'with a dot': (issuer) => `${issuer}.`,
  'with user information': (issuer) => issuer.replace('://', '://a@'),
  'percent-encoded': (issuer) => issuer.replace('idp', '%69dp'),
  'in Cyrillic': (issuer) => issuer.replace('i', '\u0456'),
  'without a scheme': (issuer) => issuer.replace('https://', ''),
  'that nobody registered': () => 'https://evil.example',
  'of 3,000 characters': (issuer) => `${issuer}/${'a'.repeat(3_000)}`,
}
for (const [what, change] of Object.entries(nearIssuers))
  row(
    'issuer',
    `an iss ${what}`,
    'RFC 8725 §3.8, RFC 7515 §10.13',
    'issuer_not_trusted',
    token(({ issuer }) => ({ iss: change(issuer) })),
  )
row(
  'issuer',
  "another issuer's key, under its kid",
  'RFC 8725 §3.8',
  'key_not_found',
  (scene) => token({}, { by: () => scene.other.keys.es256 })(scene),
  (scene) => token({ iss: scene.other.issuer }, { by: () => scene.other.keys.es256 })(scene),
)
row(
  'issuer',
  "another issuer's key, under the same kid",
  'RFC 8725 §3.8',
  'signature_invalid',
  (scene) => token({}, { by: () => scene.other.keys.rsa })(scene),
  (scene) => token({ iss: scene.other.issuer }, { by: () => scene.other.keys.rsa })(scene),
)
row('issuer', "our key in another issuer's name", 'RFC 8725 §3.8', 'signature_invalid', (scene) =>
  token({ iss: scene.other.issuer })(scene),
)
row(
  'issuer',
  "a key that another organization's admin uploaded for this issuer",
  'RFC 8725 §2.7',
  'signature_invalid',
  (scene) => token({}, { by: () => scene.foreign.key })(scene),
  (scene) => token({ aud: scene.foreign.audience }, { by: () => scene.foreign.key })(scene),
)
row(
  'issuer',
  'a good token for an organization that does not know its key',
  'RFC 8725 §2.7',
  'signature_invalid',
  token(({ foreign }) => ({ aud: foreign.audience })),
)

const badAudiences: [what: string, aud: (scene: Scene) => unknown][] = [
  ['null', () => null],
  ['a number', () => 1],
  ['true', () => true],
  ['an object', ({ audience }) => ({ [audience]: true })],
  ['ours and a number', ({ audience }) => [audience, 1]],
  ['ours and null', ({ audience }) => [audience, null]],
  ['a list in a list', ({ audience }) => [[audience]]],
  ['33 times ours', ({ audience }) => Array(33).fill(audience)],
]
for (const [what, aud] of badAudiences)
  row(
    'audience',
    `an aud that is ${what}`,
    'RFC 7519 §4.1.3',
    'token_malformed',
    token((scene) => ({ aud: aud(scene) })),
    token(({ audience }) => ({ aud: Array(32).fill(audience) })),
  )
const otherAudiences: [what: string, aud: (scene: Scene) => unknown][] = [
  ['absent', () => undefined],
  ['an empty list', () => []],
  ['empty', () => ''],
  ['of somebody else', () => 'https://api.example'],
  ['ours in capitals', ({ audience }) => audience.toUpperCase()],
  ['ours with a slash', ({ audience }) => `${audience}/`],
  ['ours with a space', ({ audience }) => `${audience} `],
  ['the beginning of ours', ({ audience }) => audience.slice(0, -1)],
  ['ours and others with commas', ({ audience }) => `${audience},x`],
  ['ours and another', ({ audience }) => [audience, 'https://api.example']],
  ['ours and the empty one', ({ audience }) => [audience, '']],
  ["ours and another organization's", ({ audience, foreign }) => [audience, foreign.audience]],
  ['of 5,000 characters', ({ audience }) => audience.padEnd(5_000, 'a')],
]
for (const [what, aud] of otherAudiences)
  row(
    'audience',
    `an aud that is ${what}`,
    'RFC 8725 §2.7 and §3.9',
    'audience_not_accepted',
    token((scene) => ({ aud: aud(scene) })),
    token(({ audience }) => ({ aud: [audience] })),
  )
row(
  'audience',
  'an aud in __proto__ alone',
  'RFC 8725 §3.9',
  'audience_not_accepted',
  claimsText((text, { audience }) => `${text},"__proto__":{"aud":"${audience}"}}`, ['aud']),
)

const numbers = (name: string, value: string) => moreClaims(`"${name}":${value}`, [name])
for (const name of ['exp', 'nbf', 'iat'])
  for (const value of ['1e400', '-1e400', '9007199254740994', '-9007199254740994', '1e308'])
    row('times', `${name} ${value}`, 'RFC 7519 §2 (NumericDate)', 'token_malformed', numbers(name, value))
const times: [
  what: string,
  from: string,
  reason: ExchangeReason,
  claims: (now: number) => Fields,
  twin?: (now: number) => Fields,
][] = [
  ['no exp', 'RFC 7519 §4.1.4', 'expiry_missing', () => ({ exp: undefined })],
  ['exp 2^53', 'RFC 7519 §4.1.4', 'token_too_old', () => ({ exp: 2 ** 53 })],
  [
    'exp in milliseconds',
    'RFC 7519 §2',
    'token_too_old',
    (now) => ({ exp: (now + 300) * 1000 }),
    (now) => ({ exp: now + 300.5 }),
  ],
  [
    'exp beyond the cap',
    'RFC 7515 §10.10',
    'token_too_old',
    (now) => ({ exp: now + 86_400 + 90 }),
    (now) => ({ exp: now + 86_400 + 30 }),
  ],
  [
    'exp beyond the cap, of a life within it',
    'RFC 7515 §10.10',
    'token_too_old',
    (now) => ({ iat: now + 45, exp: now + 86_400 + 90 }),
    (now) => ({ iat: now + 45, exp: now + 86_400 + 30 }),
  ],
  ['exp 0', 'RFC 7519 §4.1.4', 'token_expired', () => ({ exp: 0 })],
  ['exp -1', 'RFC 7519 §4.1.4', 'token_expired', () => ({ exp: -1 })],
  [
    'exp that was',
    'RFC 7519 §4.1.4',
    'token_expired',
    (now) => ({ iat: now - 300, exp: now - 90 }),
    (now) => ({ iat: now - 300, exp: now - 30 }),
  ],
  ['nbf to come', 'RFC 7519 §4.1.5', 'token_not_yet_valid', (now) => ({ nbf: now + 90 }), (now) => ({ nbf: now + 30 })],
  ['no iat', 'RFC 7519 §4.1.6', 'issued_at_missing', () => ({ iat: undefined })],
  [
    'iat to come',
    'RFC 7519 §4.1.6',
    'token_issued_in_future',
    (now) => ({ iat: now + 90 }),
    (now) => ({ iat: now + 30 }),
  ],
  [
    'iat after exp',
    'RFC 7519 §4.1.6',
    'token_malformed',
    (now) => ({ iat: now + 40, exp: now + 10 }),
    (now) => ({ iat: now + 10, exp: now + 40 }),
  ],
  [
    'iat long ago',
    'RFC 7515 §10.10',
    'token_too_old',
    (now) => ({ iat: now - 86_430, exp: now + 10 }),
    (now) => ({ iat: now - 86_300, exp: now + 30 }),
  ],
  ['iat -1', 'RFC 7519 §4.1.6', 'token_too_old', () => ({ iat: -1 })],
  [
    'a long life',
    'RFC 7515 §10.10',
    'token_too_old',
    (now) => ({ iat: now - 80_000, exp: now + 80_000 }),
    (now) => ({ iat: now - 40_000, exp: now + 40_000 }),
  ],
]
for (const [what, from, reason, claims, twin = () => ({})] of times)
  row(
    'times',
    what,
    from,
    reason,
    token(({ now }) => claims(now)),
    token(({ now }) => twin(now)),
  )
row(
  'times',
  'exp in __proto__ alone',
  'RFC 7519 §4.1.4',
  'expiry_missing',
  claimsText((text, { now }) => `${text},"__proto__":{"exp":${now + 300}}}`, ['exp']),
)
row('times', 'exp -0', 'RFC 7519 §4.1.4', 'token_expired', numbers('exp', '-0'))
row('times', 'NaN for exp', 'RFC 8259 §6', 'token_malformed', numbers('exp', 'NaN'))

export const hostileTokens: readonly Hostile[] = rows
