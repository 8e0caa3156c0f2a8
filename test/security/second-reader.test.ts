/**
 * What we accept, a second implementation that shares no code with ours (fast-jwt) accepts too, and reads the same claims.
 * It may accept more: that is what the strict reader is for. Where it is the stricter one is told here, class by class.
 */
import { expect } from 'chai'
import fc from 'fast-check'
import { createVerifier } from 'fast-jwt'
import type { SubjectAlgorithm } from '../../src/protocol/oauth.ts'
import { Refusal } from '../../src/server/errors/refusal.ts'
import { createKeys } from '../../src/server/issuers/keys.ts'
import type { Registration } from '../../src/server/issuers/model.ts'
import { readToken } from '../../src/server/issuers/read.ts'
import { createVerify } from '../../src/server/issuers/verify.ts'
import { cast } from '../support/cast.ts'
import { compose, otherSpelling, type Signer, signatureIn, withSignature } from '../support/forge.ts'
import { properObject, spoilt } from '../support/near-json.ts'
import { audience, lookupsOf, registrationOf } from '../support/registrations.ts'
import { hostileTokens, keyNames, type Scene } from '../vectors/hostile-tokens.ts'

const seed = 7515
const now = 1_764_000_000
const scene: Scene = {
  ...cast(),
  now,
  audience,
  elsewhere: 'https://elsewhere.example/jwks',
  own: { accessToken: 'a.b.c', apiKey: 'csk_' },
}
scene.foreign = { ...scene.foreign, audience: 'foreign' }

type Published = { registration: Registration; signers: readonly Signer[] }
const published = (id: string, signers: readonly Signer[], changes: Partial<Registration> = {}): Published => ({
  registration: registrationOf({ id, jwks: { keys: signers.map(({ jwk }) => jwk) }, ...changes }),
  signers,
})
const { keys, other, foreign } = scene
const issuers = [
  published('iss_01', Object.values(keys)),
  published('iss_02', [other.keys.rsa, other.keys.es256], { issuer: other.issuer }),
  published('iss_03', [keys.rsa, keys.es256], { issuer: scene.narrow.issuer, algorithms: ['RS256'] }),
  published('iss_04', [foreign.key], { orgId: 'org_02', audiences: [foreign.audience] }),
]

const verify = createVerify({
  lookups: lookupsOf(...issuers.map(({ registration }) => registration)),
  keys: createKeys({ fetchKeys: () => expect.fail('fetched'), clock: () => now * 1000 }),
  clock: () => now * 1000,
})

/** What we read; undefined when we refuse. */
async function ours(token: string) {
  try {
    const { claims, registration, issuer, subject, audiences } = await verify(readToken(token))
    return { claims, id: registration.id, issuer, subject, audiences }
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

const algorithmsOf = ({ alg, kid }: Signer): SubjectAlgorithm[] =>
  kid === 'any' ? ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] : [alg]
/** By registration: a verifier for each key, told the issuer, the audience, the time and the tolerance, and all claims that we need. */
const readers = new Map(
  issuers.map(({ registration, signers }) => [
    registration.id,
    signers.flatMap((signer) => {
      const algorithms = algorithmsOf(signer).filter((alg) => registration.algorithms.includes(alg))
      if (algorithms.length === 0) return []
      return createVerifier({
        key: String(signer.publicKey.export({ type: 'spki', format: 'pem' })),
        algorithms: algorithms as never,
        allowedIss: registration.issuer,
        allowedAud: [...registration.audiences],
        requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat'],
        clockTimestamp: now * 1000,
        clockTolerance: registration.clockTolerance * 1000,
        maxAge: registration.maxTokenAge * 1000,
      })
    }),
  ]),
)

/** What the second reader makes of it, with any key of that registration. */
function theirs(token: string, id: string): unknown {
  for (const read of readers.get(id) ?? []) {
    try {
      return read(token)
    } catch {
      // A no, whatever it threw: of times that no date can be written of it has no error of its own.
    }
  }
  return undefined
}

/** Where the second reader is the stricter one, and why that is right of us. */
const stricter: Record<string, (token: string) => boolean> = {
  // RFC 9864 §2.2 gives EdDSA over this curve a name of its own; it knows the old name alone.
  'the new name of Ed25519': (token) =>
    JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).alg === 'Ed25519',
}

type Counts = { tokens: number; ours: number; theirs: number; stricter: number }
/** Both read it; what we accept must be what the other accepts. */
async function both(token: string, counts: Counts): Promise<void> {
  counts.tokens++
  const read = await ours(token)
  if (issuers.some(({ registration: { id } }) => theirs(token, id) !== undefined)) counts.theirs++
  if (!read) return
  counts.ours++
  if (Object.values(stricter).some((isOfClass) => isOfClass(token))) {
    counts.stricter++
    return
  }
  expect(theirs(token, read.id), token).to.deep.equal(read.claims)
  const { iss, sub, aud } = read.claims
  expect([read.issuer, read.subject, read.audiences]).to.deep.equal([iss, sub, [aud].flat()])
}
const none = (): Counts => ({ tokens: 0, ours: 0, theirs: 0, stricter: 0 })

const signer = fc.constantFrom(...keyNames).map((name) => keys[name])
const ordinary = { iss: scene.issuer, sub: 'job-1', aud: audience, iat: now, exp: now + 300 }
/** The first of them in three cases of four. */
const mostly = <T>(first: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(first) }, { weight: 1, arbitrary: fc.constantFrom(...others) })
/** Signed for real; more claims and headers beside the ordinary ones, now and then in their place. */
const signed = fc
  .record({
    by: signer,
    alg: mostly(null, 'RS256', 'RS512', 'PS256', 'PS384', 'ES256', 'EdDSA', 'Ed25519', 'none', 'HS256'),
    header: properObject,
    claims: properObject,
    wins: fc.constantFrom('ordinary', 'ordinary', 'other'),
    times: mostly<object>(
      {},
      { nbf: now + 60 },
      { exp: now - 59 },
      { exp: now - 60 },
      { iat: now + 60 },
      { exp: 1e300 },
      { nbf: -1 },
    ),
    aud: mostly<unknown>(audience, [audience], [audience, audience], [audience, 'x'], 'x', [], [[audience]], null),
  })
  .map(({ by, alg, header, claims, wins, times, aud }) => {
    const head = { alg: alg ?? by.alg, kid: by.kid }
    const body = { ...ordinary, ...times, aud }
    const merged = (first: object, second: object) =>
      JSON.stringify(wins === 'ordinary' ? { ...second, ...first } : { ...first, ...second })
    const signs = alg !== null && by.kid === 'any' && /^[RP]S/.test(alg) ? (alg as SubjectAlgorithm) : by.alg
    return compose(merged(head, JSON.parse(header)), merged(body, JSON.parse(claims)), { ...by, alg: signs })
  })
const fine = fc.tuple(signer, properObject).map(([by, claims]) => {
  const header = JSON.stringify({ alg: by.alg, kid: by.kid })
  return compose(header, JSON.stringify({ ...JSON.parse(claims), ...ordinary }), by)
})
const tokenLetters = fc.constantFrom('.', '=', 'A', 'B', 'g', 'w', 'Q', '_', '-', '+', '/', ' ')

describe('a second reader', () => {
  it('accepts whatever of thousands of signed tokens we accept, and reads the same', async () => {
    const counts = none()
    await fc.assert(
      fc.asyncProperty(signed, (token) => both(token, counts)),
      { seed, numRuns: 2_000 },
    )
    expect(counts.ours, JSON.stringify(counts)).to.be.within(300, counts.theirs + counts.stricter)
  })

  it('accepts whatever of spoilt tokens we accept', async () => {
    const counts = none()
    await fc.assert(
      fc.asyncProperty(spoilt(fine, tokenLetters), (token) => both(token, counts)),
      { seed, numRuns: 1_500 },
    )
    expect(counts.ours, JSON.stringify(counts)).to.be.at.least(50)
  })

  it('accepts the other spelling of an ECDSA signature, as we do', async () => {
    const counts = none()
    for (const curve of ['ES256', 'ES384', 'ES512'] as const) {
      const by = keys[curve.toLowerCase() as 'es256']
      const token = compose(JSON.stringify({ alg: curve, kid: by.kid }), JSON.stringify(ordinary), by)
      for (const spelling of [token, withSignature(token, otherSpelling(curve, signatureIn(token)))])
        await both(spelling, counts)
    }
    expect(counts).to.deep.equal({ tokens: 6, ours: 6, theirs: 6, stricter: 0 })
  })

  it('accepts the twins of the hostile tokens; of those themselves we accept none', async () => {
    const counts = none()
    const accepted: string[] = []
    for (const { attack, reason, token, twin } of hostileTokens) {
      const hostile = token(scene)
      // Whom it stands for is asked later, and not of a reader.
      if (reason !== 'no_account_matches' && (await ours(hostile))) accepted.push(attack)
      await both(hostile, counts)
      await both(twin(scene), counts)
    }
    expect(accepted).to.deep.equal([])
    expect(counts.ours, JSON.stringify(counts)).to.be.at.least(hostileTokens.length)
    expect(counts.theirs, 'it takes hostile tokens too').to.be.above(counts.ours)
  })

  it('is stricter in one class, and no other', async () => {
    const by = keys.ed
    const token = compose(JSON.stringify({ alg: 'Ed25519', kid: by.kid }), JSON.stringify(ordinary), by)
    expect([(await ours(token))?.subject, theirs(token, 'iss_01')]).to.deep.equal(['job-1', undefined])
    expect(Object.keys(stricter)).to.have.length(1)
  })
})
