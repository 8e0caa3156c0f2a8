import { generateKeyPairSync } from 'node:crypto'
import { expect } from 'chai'
import { bareJwk, judgeKey } from '../../../src/server/issuers/jwk.ts'
import { takeKeySet } from '../../../src/server/issuers/key-set.ts'

type Members = Record<string, unknown>
const publicOf = (pair: { publicKey: { export(ask: { format: 'jwk' }): unknown } }) =>
  pair.publicKey.export({ format: 'jwk' }) as Members

const rsaOf = (modulusLength: number, publicExponent = 65_537) =>
  publicOf(generateKeyPairSync('rsa', { modulusLength, publicExponent }))
const ecOf = (namedCurve: string) => publicOf(generateKeyPairSync('ec', { namedCurve }))
const rsa = rsaOf(2048)
const p256 = ecOf('P-256')
const ed = publicOf(generateKeyPairSync('ed25519'))

/** An RSA public key with this modulus. */
const withModulus = (n: bigint, bytes = 256) => ({
  ...rsa,
  n: Buffer.from(n.toString(16).padStart(2 * bytes, '0'), 'hex').toString('base64url'),
})
const hexKey = (hex: string) => ({ ...ed, x: Buffer.from(hex, 'hex').toString('base64url') })

/** As the flawed library makes them: a power of 65537 modulo the product of the primes up to 167. */
function rocaModulus(): bigint {
  const primes = Array.from({ length: 166 }, (_, i) => i + 2).filter((n) => {
    for (let d = 2; d * d <= n; d++) if (n % d === 0) return false
    return true
  })
  const product = primes.reduce((all, prime) => all * BigInt(prime), 1n)
  let power = 1n
  for (let i = 0; i < 12_345; i++) power = (power * 65_537n) % product
  return (1n << 2047n) - ((1n << 2047n) % product) + product * 2n + power
}

describe('issuers/jwk', () => {
  const rsaAll = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
  const fit: [what: string, jwk: Members, algorithms: string[]][] = [
    ['RSA without alg', rsa, rsaAll],
    ['RSA with alg', { ...rsa, alg: 'PS384' }, ['PS384']],
    ['RSA of 3072 bits for signing', { ...rsaOf(3072), use: 'sig', key_ops: ['verify'], alg: 'RS256' }, ['RS256']],
    ['RSA of 8192 bits', withModulus((1n << 8191n) + 1n), rsaAll],
    ['RSA of 8192 bits, with a zero byte in front', withModulus((1n << 8191n) + 1n, 1025), rsaAll],
    ['RSA with zero bytes before its exponent', { ...rsa, e: `${'A'.repeat(12)}AQAB` }, rsaAll],
    ['P-256', p256, ['ES256']],
    ['P-384', ecOf('P-384'), ['ES384']],
    ['P-521', ecOf('P-521'), ['ES512']],
    ['Ed25519', ed, ['EdDSA', 'Ed25519']],
    ['Ed25519 with its old name', { ...ed, alg: 'EdDSA' }, ['EdDSA', 'Ed25519']],
    ['Ed25519 with its new name', { ...ed, alg: 'Ed25519' }, ['EdDSA', 'Ed25519']],
  ]
  for (const [what, jwk, algorithms] of fit) {
    it(`takes ${what}`, () => {
      const judged = judgeKey({ ...jwk, kid: 'k' })
      expect(judged).to.include({ ok: true, kid: 'k', kty: jwk.kty })
      expect(judged.ok && judged.algorithms).to.deep.equal(algorithms)
    })
  }

  const field = 2n ** 255n - 19n
  const littleEndian = (n: bigint) => Buffer.from(n.toString(16).padStart(64, '0'), 'hex').reverse().toString('hex')
  const order8 = '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'
  const otherOrder8 = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'
  const unfit: [what: string, jwk: unknown, why: RegExp][] = [
    ['nothing', null, /not a JSON object/],
    ['a list', [], /not a JSON object/],
    ['a kid that is a number', { ...rsa, kid: 1 }, /kid/],
    ['a symmetric key', { kty: 'oct', k: 'c2VjcmV0' }, /symmetric/],
    ['a private key', generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), /private/],
    ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'].map((member): [string, unknown, RegExp] => [
      `an RSA key with the private member ${member}`,
      { ...rsa, [member]: 'AQ' },
      /private/,
    ]),
    ['a kid of 1,025 characters', { ...rsa, kid: 'k'.repeat(1_025) }, /^its kid is longer than 1024 characters$/],
    ['a key for encryption', { ...rsa, use: 'enc' }, /use/],
    ['a key for wrapping', { ...rsa, key_ops: ['wrapKey'] }, /key_ops/],
    ['key_ops that is no list', { ...rsa, key_ops: 'verify' }, /key_ops/],
    ['an RSA key for encryption by its alg', { ...rsa, alg: 'RSA-OAEP' }, /alg/],
    ['an EC key with the alg of RSA', { ...p256, alg: 'RS256' }, /alg/],
    ['P-256 with the alg of P-384', { ...p256, alg: 'ES384' }, /alg/],
    ['RSA of 1024 bits', rsaOf(1024), /2048 to 8192/],
    ['RSA of 2047 bits', withModulus((1n << 2047n) - 1n), /2048 to 8192/],
    [
      'RSA of 8193 bits',
      { ...rsa, n: Buffer.concat([Buffer.from([1]), Buffer.alloc(1024, 255)]).toString('base64url') },
      /8192/,
    ],
    ['RSA of a megabyte', { ...rsa, n: 'A'.repeat(1_000_000) }, /8192/],
    ['an exponent of 3', rsaOf(2048, 3), /exponent/],
    ['an exponent of 17 characters', { ...rsa, e: `${'A'.repeat(13)}AQAB` }, /^its exponent is not 65537$/],
    ['an exponent of a megabyte', { ...rsa, e: '_'.repeat(1_000_000) }, /exponent/],
    ['an even modulus', withModulus((1n << 2047n) + 2n), /even/],
    ['a ROCA modulus', withModulus(rocaModulus()), /ROCA/],
    ['RSA without e', { kty: 'RSA', n: rsa.n }, /^its n and e are not an RSA key$/],
    ['RSA without n', { kty: 'RSA', e: 'AQAB' }, /2048/],
    ['secp256k1', ecOf('secp256k1'), /crv/],
    ['a crv that is a list', { ...p256, crv: ['P-256'] }, /crv/],
    ['a point that is not on the curve', { ...p256, y: p256.x }, /not a point/],
    ['a point of another curve', { ...p256, crv: 'P-384' }, /not a point/],
    ['the name of a method of objects as crv', { ...p256, crv: 'constructor' }, /crv/],
    ['X25519', publicOf(generateKeyPairSync('x25519')), /crv/],
    ['Ed448', publicOf(generateKeyPairSync('ed448')), /crv/],
    ['Ed25519 of 31 bytes', hexKey('01'.repeat(31)), /not an Ed25519/],
    ['the neutral point', hexKey(littleEndian(1n)), /low order/],
    ['the neutral point, spelled otherwise', hexKey(littleEndian(field + 1n)), /low order/],
    ['the point of order 2', hexKey(littleEndian(field - 1n)), /low order/],
    ['a point of order 4', hexKey(littleEndian(0n)), /low order/],
    ['the other point of order 4', hexKey(littleEndian(2n ** 255n)), /low order/],
    ['a point of order 8', hexKey(order8), /low order/],
    ['the other points of order 8', hexKey(otherOrder8), /low order/],
    ['zero, spelled otherwise', hexKey(littleEndian(field)), /low order/],
    ['its negative', hexKey(`${order8.slice(0, 62)}85`), /low order/],
    ['an unknown kty', { kty: 'AKP' }, /kty/],
  ]
  for (const [what, jwk, why] of unfit) {
    it(`leaves out ${what}`, () => {
      const judged = judgeKey(jwk)
      expect(judged.ok).to.equal(false)
      expect(!judged.ok && judged.why).to.match(why)
    })
  }
})

describe('issuers/jwk of a key that is fit', () => {
  it('takes a kid of 1,024 characters, and none', () => {
    expect(judgeKey({ ...p256, kid: 'k'.repeat(1_024) }).ok).to.equal(true)
    expect(judgeKey(p256)).to.not.have.property('kid')
  })

  it('keeps of an uploaded key what says something here, and nothing else', () => {
    const bare = {
      kty: 'EC',
      kid: 'a',
      use: 'sig',
      key_ops: ['verify'],
      alg: 'ES256',
      n: 'n',
      e: 'e',
      crv: 'P-256',
      x: 'x',
      y: 'y',
    }
    expect(bareJwk({ ...bare, x5c: ['certificate'], iat: 1, note: 'secret?' })).to.deep.equal(bare)
  })
})

describe('issuers/key-set', () => {
  const taken = (keys: unknown, uploaded = false) => takeKeySet({ keys }, { uploaded })
  const setOf = (...keys: unknown[]) => {
    const result = taken(keys)
    if (!result.ok) throw new Error(result.why)
    return result.set
  }
  const weak = { kty: 'oct', k: 'AA', kid: 'weak' }

  const noList = 'is not a JSON object with a list of keys'
  const refused: [what: string, value: unknown, why: string][] = [
    ['nothing', undefined, noList],
    ['null', null, noList],
    ['a list', [rsa], noList],
    ['no keys', {}, noList],
    ['keys that are no list', { keys: { a: rsa } }, noList],
    ['an empty list', { keys: [] }, 'holds no key'],
    ['101 keys', { keys: Array(101).fill(p256) }, 'holds more than 100 keys'],
    ['no usable key', { keys: [weak] }, 'holds no key that can be used here: of the first, it is a symmetric key'],
    ['keys in the prototype', Object.create({ keys: [p256] }), noList],
  ]
  for (const [what, value, why] of refused) {
    it(`refuses ${what}`, () => expect(takeKeySet(value, { uploaded: false })).to.deep.equal({ ok: false, why }))
  }

  it('takes 100 keys', () => expect(taken(Array(100).fill(p256)).ok).to.equal(true))

  it('skips an unfit key that was fetched, and says why', () => {
    const set = setOf(weak, { ...p256, kid: 'a' })
    expect(set.keys.map(({ kid }) => kid)).to.deep.equal(['a'])
    expect(set.skipped).to.deep.equal([{ kid: 'weak', why: 'it is a symmetric key' }])
  })

  it('names a skipped key by the beginning of its kid, if it has one that is a text', () => {
    const set = setOf(null, 7, { ...weak, kid: 9 }, { ...weak, kid: 'w'.repeat(200) }, p256)
    const object = { why: 'it is not a JSON object' }
    expect(set.skipped).to.deep.equal([
      object,
      object,
      { why: 'its kid is not a string' },
      { kid: 'w'.repeat(120), why: 'it is a symmetric key' },
    ])
  })

  it('refuses an unfit key that was uploaded, and says which and why', () => {
    expect(taken([p256, weak], true)).to.deep.equal({ ok: false, why: 'has an unfit key, weak: it is a symmetric key' })
    expect(taken([p256, 7], true)).to.deep.equal({
      ok: false,
      why: 'has an unfit key, number 2: it is not a JSON object',
    })
  })

  it('finds by kid and algorithm', () => {
    const set = setOf({ ...rsa, kid: 'a' }, { ...p256, kid: 'a' }, { ...p256, kid: 'b' }, ed)
    const kids = (kid: string | undefined, alg: Parameters<typeof set.find>[1]) =>
      set.find(kid, alg).map((key) => `${key.kid} ${key.kty}`)
    expect(kids('a', 'RS256')).to.deep.equal(['a RSA'])
    expect(kids('a', 'ES256')).to.deep.equal(['a EC'])
    expect(kids('b', 'RS256')).to.deep.equal([])
    expect(kids('c', 'ES256')).to.deep.equal([])
    expect(kids(undefined, 'PS512')).to.deep.equal(['a RSA'])
    expect(kids(undefined, 'ES256'), 'two fit').to.deep.equal([])
    expect(kids(undefined, 'EdDSA')).to.deep.equal(['undefined OKP'])
    expect(kids(undefined, 'ES384')).to.deep.equal([])
    expect([set.has('a'), set.has('c')]).to.deep.equal([true, false])
  })

  describe('a kid that is of two keys', () => {
    const one = { ...ecOf('P-256'), kid: 'same' }
    const other = { ...ecOf('P-256'), kid: 'same' }

    it('of different kinds is nothing to mind (RFC 7517 §4.5)', () => {
      expect(taken([one, { ...rsa, kid: 'same' }], true).ok).to.equal(true)
    })
    it('that one token could mean is refused in an uploaded set', () => {
      const why = 'has an unfit key, same: its kid is of another key of the set, too'
      expect(taken([one, other], true)).to.deep.equal({ ok: false, why })
    })
    it('in a fetched set both are tried', () => {
      expect(setOf(one, other).find('same', 'ES256')).to.have.length(2)
    })
    it('the same key twice is one', () => {
      const set = setOf(one, one)
      expect(set.keys).to.have.length(1)
      expect(set.skipped).to.deep.equal([{ kid: 'same', why: 'it stands in the set twice' }])
    })
    it('of more than four, four count, and the set says so', () => {
      const set = setOf(...Array.from({ length: 6 }, () => ({ ...ecOf('P-256'), kid: 'same' })))
      expect(set.keys).to.have.length(4)
      expect(set.skipped.map(({ why }) => why)).to.deep.equal(
        Array(2).fill('its kid is of 4 other keys of the set, too'),
      )
    })
  })

  it('takes keys without a kid for different ones, also when one stands there twice', () => {
    for (const uploaded of [true, false]) {
      const result = taken([p256, ecOf('P-256'), p256], uploaded)
      expect(result.ok && result.set.keys).to.have.length(3)
    }
  })

  it('takes for alike what one token could mean, if only under one algorithm', () => {
    const other = { ...rsaOf(2048), kid: 'same' }
    for (const keys of [
      [
        { ...rsa, kid: 'same' },
        { ...other, alg: 'RS256' },
      ],
      [{ ...rsa, kid: 'same', alg: 'RS256' }, other],
    ])
      expect(taken(keys, true).ok).to.equal(false)
  })

  it('tries at most four keys of one kid', () => {
    const set = setOf(...Array.from({ length: 9 }, () => ({ ...ecOf('P-256'), kid: 'same' })))
    expect(set.find('same', 'ES256')).to.have.length(4)
  })
})
