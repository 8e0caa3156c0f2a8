import { expect } from 'chai'
import { createFindRegistration } from '../../../src/server/issuers/find-registration.ts'
import type { Registration } from '../../../src/server/issuers/model.ts'
import { refusalOf } from '../../support/reasons.ts'
import { audience, lookupsOf, registrationOf } from '../../support/registrations.ts'

describe('issuers/find-registration', () => {
  const reg = registrationOf
  const two = (changes: Partial<Registration> = {}) =>
    reg({ id: 'iss_02', orgId: 'org_02', audiences: ['two'], ...changes })
  const cases: [what: string, registrations: Registration[], audiences: string[], expected: string, detail?: object][] =
    [
      ['one that fits', [reg(), two()], ['two'], 'iss_02'],
      [
        'one that fits beside a disabled one',
        [reg({ extraAudiences: true }), two({ enabled: false })],
        [audience, 'two'],
        'iss_01',
      ],
      ['further audiences that it allows', [reg({ extraAudiences: true })], [audience, 'x'], 'iss_01'],
      ['two audiences of its own', [reg({ audiences: ['a', 'b'] })], ['a', 'b'], 'iss_01'],
      ['nobody', [], [audience], 'issuer_not_trusted', { cause: 'not registered' }],
      [
        'a disabled one',
        [two({ enabled: false })],
        ['two'],
        'issuer_not_trusted',
        { orgId: 'org_02', org: '02', issuerId: 'iss_02', cause: 'registration disabled' },
      ],
      [
        'a disabled one beside another audience',
        [reg(), two({ enabled: false })],
        ['two'],
        'audience_not_accepted',
        { issuerId: 'iss_02', cause: 'registration disabled' },
      ],
      ['no audience', [reg()], [], 'audience_not_accepted', {}],
      ['no audience and no issuer', [], [], 'issuer_not_trusted', {}],
      ['another audience', [reg()], ['x'], 'audience_not_accepted', { cause: 'not registered' }],
      ['another letter case', [reg()], [audience.toUpperCase()], 'audience_not_accepted', {}],
      [
        'further audiences',
        [reg()],
        [audience, 'x'],
        'audience_not_accepted',
        { orgId: 'org_01', org: '01', issuerId: 'iss_01', cause: 'further audiences' },
      ],
      [
        'two registrations',
        [reg({ extraAudiences: true }), two({ extraAudiences: true })],
        [audience, 'two'],
        'audience_not_accepted',
        { cause: 'fits two registrations' },
      ],
      [
        'two of one organization',
        [reg(), two({ orgId: 'org_01' })],
        [audience, 'two'],
        'audience_not_accepted',
        { orgId: 'org_01' },
      ],
      [
        'two of one organization and one of another, for nobody’s trail',
        [reg(), two({ orgId: 'org_01' }), two({ id: 'iss_03', audiences: ['three'] })],
        [audience, 'two', 'three'],
        'audience_not_accepted',
        {},
      ],
    ]
  for (const [what, registrations, audiences, expected, detail] of cases) {
    it(`answers ${expected} for ${what}`, async () => {
      const finding = createFindRegistration(lookupsOf(...registrations))({ issuer: 'https://idp.example', audiences })
      if (!detail) return expect((await finding).registration.id).to.equal(expected)
      const refusal = await refusalOf(finding)
      expect(refusal.reason).to.equal(expected)
      expect(refusal.detail).to.include(detail)
      if (!('orgId' in detail || 'issuerId' in detail)) expect(refusal.detail).to.not.have.any.keys('orgId', 'issuerId')
    })
  }

  it('compares the issuer code point by code point', async () => {
    for (const issuer of ['https://idp.example/', 'https://IDP.example', 'http://idp.example']) {
      const finding = createFindRegistration(lookupsOf(reg()))({ issuer, audiences: [audience] })
      expect((await refusalOf(finding)).reason).to.equal('issuer_not_trusted')
    }
  })

  it('does not ask for what no registration can bear, and finds the longest that one can', async () => {
    const longest = { issuer: `https://${'i'.repeat(2040)}`, audiences: ['a'.repeat(512)] }
    const lookups = lookupsOf(reg(longest))
    expect((await createFindRegistration(lookups)(longest)).registration.id).to.equal('iss_01')
    const known = createFindRegistration(lookups)({ ...longest, audiences: ['x'] })
    expect((await refusalOf(known)).reason).to.equal('audience_not_accepted')

    const asked: (readonly string[])[] = []
    const find = createFindRegistration({
      async fitting(_, audiences) {
        asked.push(audiences)
        return []
      },
      registration: () => expect.fail('asked for a registration'),
      issuerKnown: async (issuer) => issuer.length <= 2048 || expect.fail('asked for the issuer'),
    })
    const tooLong = 'a'.repeat(513)
    const reason = async (issuer: string, audiences: string[]) => (await refusalOf(find({ issuer, audiences }))).reason
    expect(await reason(`${longest.issuer}i`, ['a'])).to.equal('issuer_not_trusted')
    expect(await reason(longest.issuer, [tooLong])).to.equal('audience_not_accepted')
    expect(await reason(longest.issuer, [])).to.equal('audience_not_accepted')
    expect(asked).to.deep.equal([])
    expect(await reason(longest.issuer, [tooLong, 'a'])).to.equal('audience_not_accepted')
    expect(asked).to.deep.equal([['a']])
  })

  it('does without a registration that was deleted between two looks', async () => {
    const lookups = { ...lookupsOf(reg()), registration: async () => undefined }
    const finding = createFindRegistration(lookups)({ issuer: 'https://idp.example', audiences: [audience] })
    expect((await refusalOf(finding)).reason).to.equal('audience_not_accepted')
  })

  const askFor = 'ask your platform for a token with the audience of your organization, and no other'
  const said: [issuer: string, audiences: string[], says: string][] = [
    [
      'https://other.example',
      ['x'],
      "no organization here trusts the issuer (iss) 'https://other.example' of the subject token; the comparison is exact",
    ],
    ['https://idp.example', [], `the subject token has no audience (aud), which is not accepted here: ${askFor}`],
    [
      'https://idp.example',
      ['x'],
      `the subject token has the audience (aud) 'x', which is not accepted here: ${askFor}`,
    ],
    [
      'https://idp.example',
      ['x', 'y', 'z'],
      `the subject token has the audience (aud) 'x' and 2 more, which is not accepted here: ${askFor}`,
    ],
  ]
  for (const [issuer, audiences, says] of said)
    it(`tells the caller what is wrong with ${issuer} and ${audiences.length} audiences`, async () => {
      const refusal = await refusalOf(createFindRegistration(lookupsOf(reg()))({ issuer, audiences }))
      expect(refusal.says).to.equal(says)
    })

  it('says the same whether one audience was right or none', async () => {
    const find = createFindRegistration(lookupsOf(reg()))
    const says = async (audiences: string[]) =>
      (await refusalOf(find({ issuer: 'https://idp.example', audiences }))).says
    expect((await says([audience, 'b'])).replace(audience, 'x')).to.equal(await says(['x', 'b']))
  })
})
