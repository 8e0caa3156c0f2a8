import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { Refusal } from '../../../src/server/errors/refusal.ts'
import { createKeys } from '../../../src/server/issuers/keys.ts'
import type { Registration } from '../../../src/server/issuers/model.ts'
import { readToken } from '../../../src/server/issuers/read.ts'
import { attributed, createVerify } from '../../../src/server/issuers/verify.ts'
import { generateKey, signedText, signedToken } from '../../support/identity-provider.ts'
import { refusalOf } from '../../support/reasons.ts'
import { audience, lookupsOf, registrationOf } from '../../support/registrations.ts'

const now = 1_700_000_000
const rsa = generateKey('RS256')
const ec = generateKey('ES256')
const ed = generateKey('EdDSA')
const jwks = { keys: [rsa.jwk, ec.jwk, ed.jwk] }
const uploaded = (changes: Partial<Registration> = {}) => registrationOf({ jwks, ...changes })
const claims = { iss: 'https://idp.example', sub: 'job-1', aud: audience, iat: now, exp: now + 300 }

function verifyWith(...registrations: Registration[]) {
  const keys = createKeys({ fetchKeys: () => expect.fail('fetched'), clock: () => now * 1000 })
  const verify = createVerify({ lookups: lookupsOf(...registrations), keys, clock: () => now * 1000 })
  return async (token: string) => verify(readToken(token))
}
type Key = typeof rsa
const tokenOf = (changes: object = {}, key: Key = rsa, header: object = {}) =>
  signedToken({ alg: key.alg, kid: key.kid, ...header }, { ...claims, ...changes }, key.privateKey)

describe('issuers/verify', () => {
  for (const key of [rsa, ec, ed]) {
    it(`verifies ${key.alg}`, async () => {
      const registration = uploaded()
      const token = await verifyWith(registration)(tokenOf({ jti: 'j1' }, key))
      const { replayDigest, ...rest } = token
      expect(rest).to.deep.equal({
        registration,
        org: '01',
        issuer: claims.iss,
        subject: 'job-1',
        audiences: [audience],
        claims: { ...claims, jti: 'j1' },
        jti: 'j1',
        expiresAt: now + 300,
      })
      expect(replayDigest()).to.equal(createHash('sha256').update('org_01\nhttps://idp.example\njti\nj1').digest('hex'))
    })
  }

  it('treats EdDSA and Ed25519 as one algorithm', async () => {
    const token = tokenOf({}, ed, { alg: 'Ed25519' })
    expect((await verifyWith(uploaded({ algorithms: ['EdDSA'] }))(token)).subject).to.equal('job-1')
    expect((await verifyWith(uploaded({ algorithms: ['Ed25519'] }))(tokenOf({}, ed))).subject).to.equal('job-1')
  })

  const other = generateKey('RS256')
  const owner = { orgId: 'org_01', org: '01', issuerId: 'iss_01' }
  const refused: [what: string, token: string, reason: string][] = [
    ['a signature by another key', tokenOf({}, { ...rsa, privateKey: other.privateKey }), 'signature_invalid'],
    [
      'claims that were changed',
      tokenOf().replace(/\.[^.]+\./, `.${tokenOf({ sub: 'admin' }).split('.')[1]}.`),
      'signature_invalid',
    ],
    ['RS256 as PS256', tokenOf({}, { ...rsa, kid: 'none' }, { alg: 'PS256' }), 'key_not_found'],
    ['a kid that nobody has', tokenOf({}, rsa, { kid: 'nobody' }), 'key_not_found'],
    ['the kid of a key of another kind', tokenOf({}, rsa, { kid: ec.kid }), 'key_not_found'],
    ['an algorithm of another kind for the key', tokenOf({}, rsa, { alg: 'ES256' }), 'key_not_found'],
    ['no exp', tokenOf({ exp: undefined }), 'expiry_missing'],
    ['an expired token', tokenOf({ iat: now - 300, exp: now - 60 }), 'token_expired'],
    ['no iat', tokenOf({ iat: undefined }), 'issued_at_missing'],
    ['no sub', tokenOf({ sub: undefined }), 'subject_missing'],
    ['an empty sub', tokenOf({ sub: '' }), 'subject_missing'],
    ['no sub, expired: time comes first', tokenOf({ sub: undefined, exp: now - 60 }), 'token_expired'],
    [
      'an expired forgery: the signature comes first',
      tokenOf({ exp: 1 }, { ...rsa, privateKey: other.privateKey }),
      'signature_invalid',
    ],
  ]
  for (const [what, token, reason] of refused) {
    it(`refuses ${what}, for the trail of the organization`, async () => {
      const refusal = await refusalOf(verifyWith(uploaded())(token))
      expect(refusal.reason).to.equal(reason)
      expect(refusal.detail).to.include(owner)
      expect(refusal.says).to.match(/^[ !#-[\]-~]+$/)
    })
  }

  it('refuses an algorithm that the registration does not list, before it looks for keys', async () => {
    const refusal = await refusalOf(
      verifyWith(uploaded({ algorithms: ['ES256'] }))(tokenOf({}, rsa, { kid: 'nobody' })),
    )
    expect([refusal.reason, refusal.detail]).to.deep.equal(['algorithm_not_allowed', owner])
  })

  it('does not let one family of algorithms stand for another', async () => {
    const strict = async (algorithms: Registration['algorithms'], token: string) =>
      (await refusalOf(verifyWith(uploaded({ algorithms }))(token))).reason
    expect(await strict(['EdDSA'], tokenOf())).to.equal('algorithm_not_allowed')
    expect(await strict(['Ed25519'], tokenOf())).to.equal('algorithm_not_allowed')
    expect(await strict(['RS256'], tokenOf({}, ed))).to.equal('algorithm_not_allowed')
    expect(await strict(['RS256'], tokenOf({}, ed, { alg: 'Ed25519' }))).to.equal('algorithm_not_allowed')
    expect(await strict([], tokenOf())).to.equal('algorithm_not_allowed')
  })

  const noKey = 'the issuer publishes no key that fits the subject token, which has'
  const said: [token: string, says: string][] = [
    [
      tokenOf({}, rsa, { alg: 'RS512' }),
      "the subject token is signed with an algorithm not accepted from its issuer: 'RS512'",
    ],
    [tokenOf({}, rsa, { kid: 'nobody' }), `${noKey} kid 'nobody' and alg 'RS256'`],
    [tokenOf({}, rsa, { kid: undefined, alg: 'PS256' }), `${noKey} no kid and alg 'PS256'`],
    [tokenOf({ iat: now - 300, exp: now - 90 }), 'the subject token expired 90 seconds ago (exp)'],
    [tokenOf({ exp: undefined }), new Refusal('expiry_missing').says],
  ]
  for (const [token, says] of said)
    it(`tells the caller: ${says}`, async () => {
      const two = { algorithms: ['RS256', 'PS256'], jwks: { keys: [rsa.jwk, generateKey('RS256').jwk] } } as const
      expect((await refusalOf(verifyWith(uploaded(two))(token))).says).to.equal(says)
    })

  it('adds to a refusal whose trail it belongs in, and takes nothing from it', () => {
    const found = { registration: uploaded(), org: '01' }
    const cause = new Error('away')
    const whole = { says: 'no', detail: { step: 'jwks' }, errors: [{ path: 'a', message: 'b' }], retryAfter: 7, cause }
    const {
      reason,
      says,
      detail,
      errors,
      retryAfter,
      cause: from,
    } = attributed(new Refusal('issuer_unavailable', whole), found)
    expect({ says, detail, errors, retryAfter, cause: from }).to.deep.equal({
      ...whole,
      detail: { step: 'jwks', ...owner },
    })
    expect(reason).to.equal('issuer_unavailable')
    const bare = attributed(new Refusal('token_expired'), found)
    expect([bare.errors, bare.retryAfter, bare.cause]).to.deep.equal([undefined, undefined, undefined])
  })

  it('needs no kid where one key fits', async () => {
    expect((await verifyWith(uploaded())(tokenOf({}, rsa, { kid: undefined }))).subject).to.equal('job-1')
    const two = uploaded({ jwks: { keys: [rsa.jwk, { ...other.jwk }] } })
    expect((await refusalOf(verifyWith(two)(tokenOf({}, rsa, { kid: undefined })))).reason).to.equal('key_not_found')
  })

  it('tries every key of one kid', async () => {
    const same = uploaded({
      jwks: {
        keys: [
          { ...other.jwk, kid: 'same' },
          { ...rsa.jwk, kid: 'same' },
        ],
      },
    })
    expect((await verifyWith(same)(tokenOf({}, rsa, { kid: 'same' }))).subject).to.equal('job-1')
  })

  it('knows a token by its jti, or else by what was signed, and never by its signature', async () => {
    const verify = verifyWith(uploaded(), uploaded({ id: 'iss_02', orgId: 'org_02', audiences: ['two'] }))
    const digest = async (token: string) => (await verify(token)).replayDigest()
    const text = tokenOf({}, ec).split('.').slice(0, 2).join('.')
    const spellings = [signedText(text, ec.privateKey), signedText(text, ec.privateKey)]
    expect(spellings[0]).to.not.equal(spellings[1])
    expect(new Set(await Promise.all(spellings.map(digest))).size).to.equal(1)
    // What was remembered before an upgrade is remembered after it.
    const remembered = createHash('sha256').update(`org_01\nhttps://idp.example\ninput\n${text}`).digest('hex')
    expect(await digest(String(spellings[0]))).to.equal(remembered)
    const different = [
      tokenOf(),
      tokenOf({ a: 1 }),
      tokenOf({ jti: 'a' }),
      tokenOf({ jti: 'b' }),
      tokenOf({ jti: 'a', aud: 'two' }),
    ]
    expect(new Set(await Promise.all(different.map(digest))).size).to.equal(5)
    expect(await digest(tokenOf({ jti: 'a' }))).to.equal(await digest(tokenOf({ jti: 'a', b: 1 })))
    expect(await digest(tokenOf({ jti: '' }))).to.not.equal(await digest(tokenOf({ jti: '', b: 1 })))
  })
})
