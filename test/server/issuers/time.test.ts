import { expect } from 'chai'
import { judgeTime } from '../../../src/server/issuers/time.ts'

describe('issuers/time', () => {
  const now = 1_700_000_000
  const limits = { clockTolerance: 60, maxTokenAge: 3_600 }
  const at = (claims: Record<string, number | undefined>) =>
    judgeTime({ ...{ iat: now - 10, exp: now + 300 }, ...claims } as never, limits, now)

  const good: [what: string, claims: Record<string, number>][] = [
    ['an ordinary token', {}],
    ['one that expired within the tolerance', { iat: now - 600, exp: now - 59.5 }],
    ['an iat at its exp', { iat: now + 1, exp: now + 1 }],
    ['an nbf within the tolerance', { nbf: now + 60 }],
    ['an iat within the tolerance', { iat: now + 60 }],
    ['the greatest age', { iat: now - 3_600, exp: now + 1 }],
    ['the longest life, with the tolerance', { iat: now, exp: now + 3_660 }],
  ]
  for (const [what, claims] of good) it(`accepts ${what}`, () => expect(at(claims)).to.equal(undefined))

  const bad: [what: string, claims: Record<string, number | undefined>, reason: string, says?: string][] = [
    ['no expiry', { exp: undefined }, 'expiry_missing'],
    ['no expiry and no iat', { exp: undefined, iat: undefined }, 'expiry_missing'],
    ['an expiry at the end of the tolerance', { exp: now - 60 }, 'token_expired', 'expired 60 seconds ago (exp)'],
    ['an expired token without iat', { exp: now - 61, iat: undefined }, 'token_expired'],
    ['an expired token with a future nbf', { exp: now - 61, nbf: now + 100 }, 'token_expired'],
    [
      'an nbf beyond the tolerance',
      { nbf: now + 61 },
      'token_not_yet_valid',
      'is not valid for another 61 seconds (nbf)',
    ],
    ['a future nbf without iat', { nbf: now + 61, iat: undefined }, 'token_not_yet_valid'],
    ['no iat', { iat: undefined }, 'issued_at_missing'],
    [
      'an iat beyond the tolerance',
      { iat: now + 61 },
      'token_issued_in_future',
      'was issued 61 seconds in the future (iat)',
    ],
    [
      'an iat after its exp',
      { iat: now + 2, exp: now + 1 },
      'token_malformed',
      'was issued 1 second after its own expiry (iat, exp)',
    ],
    [
      'too great an age',
      { iat: now - 3_601, exp: now + 1 },
      'token_too_old',
      'was issued 3601 seconds ago (iat), which is longer than is accepted here',
    ],
    [
      'too long a life',
      { iat: now - 100, exp: now + 3_561 },
      'token_too_old',
      'lives for 3661 seconds (iat to exp), which is longer than is accepted here',
    ],
    [
      'an exp too far away',
      { exp: now + 3_661 },
      'token_too_old',
      'expires only in 3661 seconds (exp), which is longer than is accepted here',
    ],
    ['an exp at the end of days', { exp: 2 ** 53 }, 'token_too_old'],
  ]
  for (const [what, claims, reason, says] of bad) {
    it(`refuses ${what}`, () => {
      const fault = at(claims)
      expect(fault?.reason).to.equal(reason)
      if (says) expect(fault?.says).to.equal(`the subject token ${says}`)
      if (reason.endsWith('_missing')) expect(fault).to.deep.equal({ reason })
    })
  }

  it('takes the tolerance of the issuer, none too', () => {
    const strict = { clockTolerance: 0, maxTokenAge: 3_600 }
    expect(judgeTime({ iat: now - 1, exp: now }, strict, now)?.reason).to.equal('token_expired')
    expect(judgeTime({ iat: now - 1, exp: now + 1 }, strict, now)).to.equal(undefined)
    expect(judgeTime({ iat: now + 1, exp: now + 2 }, strict, now)?.reason).to.equal('token_issued_in_future')
  })
})
