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
      ['nobody', [], [audience], 'issuer_not_trusted', {}],
      [
        'a disabled one',
        [two({ enabled: false })],
        ['two'],
        'issuer_not_trusted',
        { orgId: 'org_02', org: '02', issuerId: 'iss_02' },
      ],
      [
        'a disabled one beside another audience',
        [reg(), two({ enabled: false })],
        ['two'],
        'audience_not_accepted',
        { issuerId: 'iss_02' },
      ],
      ['no audience', [reg()], [], 'audience_not_accepted', {}],
      ['no audience and no issuer', [], [], 'issuer_not_trusted', {}],
      ['another audience', [reg()], ['x'], 'audience_not_accepted', {}],
      ['another letter case', [reg()], [audience.toUpperCase()], 'audience_not_accepted', {}],
      [
        'further audiences',
        [reg()],
        [audience, 'x'],
        'audience_not_accepted',
        { orgId: 'org_01', org: '01', issuerId: 'iss_01' },
      ],
      [
        'two registrations',
        [reg({ extraAudiences: true }), two({ extraAudiences: true })],
        [audience, 'two'],
        'audience_not_accepted',
        {},
      ],
      [
        'two of one organization',
        [reg(), two({ orgId: 'org_01' })],
        [audience, 'two'],
        'audience_not_accepted',
        { orgId: 'org_01' },
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

  it('says the same whether one audience was right or none', async () => {
    const find = createFindRegistration(lookupsOf(reg()))
    const says = async (audiences: string[]) =>
      (await refusalOf(find({ issuer: 'https://idp.example', audiences }))).says
    expect((await says([audience, 'b'])).replace(audience, 'x')).to.equal(await says(['x', 'b']))
  })
})
