import { expect } from 'chai'
import { objections } from '../../src/protocol/access.ts'
import { askOf, type Decision, decisionOf, refuseUnlessAllowed } from '../../src/verify/decision.ts'
import { VerifyError, type VerifyErrorCode } from '../../src/verify/verify-error.ts'

const question = { action: 'write', project: 'ml/x' } as const
const refusal = (decision: Decision): VerifyError | undefined => {
  try {
    refuseUnlessAllowed(decision, question)
    return undefined
  } catch (error) {
    return error as VerifyError
  }
}

describe('verify/decision', () => {
  it('asks as AuthZEN does, and of attribution only where somebody is named', () => {
    const asked = { action: { name: 'write' }, resource: { type: 'project', id: 'ml/x' } }
    expect(askOf(question)).to.deep.equal(asked)
    const attribution = { email: 'ada@acme.example' }
    expect(askOf({ ...question, attribution })).to.deep.equal({ ...asked, context: { attribution } })
  })

  const none: unknown[] = [undefined, null, 'yes', 1, [], {}, { decision: null }, { decision: 'true' }, { decision: 1 }]
  for (const answer of none)
    it(`takes ${JSON.stringify(answer)} for no decision`, () => {
      expect(() => decisionOf(answer))
        .to.throw(VerifyError)
        .with.property('code', 'unavailable')
    })

  it('reads a decision without a context, and passes by what it does not know in one', () => {
    for (const context of [undefined, null, 'x', {}, { reason: 7, project: ['ml/x'], attribution_ignored: true }])
      expect(decisionOf({ decision: true, context })).to.deep.equal({ allowed: true, reason: '' })
  })

  it('lets on after a yes, and after nothing else, whatever the reason', () => {
    expect(refusal({ allowed: true, reason: '' })).to.equal(undefined)
    expect(refusal({ allowed: true, reason: 'token_inactive' })).to.equal(undefined)
    for (const reason of ['', 'whatever', ...objections])
      expect(refusal({ allowed: false, reason }), reason).to.include({ status: 403, reason })
  })

  const meant: [reason: string, code: VerifyErrorCode, status: number][] = [
    ['token_inactive', 'inactive', 401],
    ['audience_not_accepted', 'audience_wrong', 401],
    ['scope_insufficient', 'scope_missing', 403],
    ['other_team', 'access_denied', 403],
    ['project_malformed', 'access_denied', 403],
  ]
  for (const [reason, code, status] of meant)
    it(`tells the caller of ${reason} as ${code}`, () => {
      expect(refusal({ allowed: false, reason })).to.include({ code, status })
    })

  it('names the scope that would do, and the project that was meant', () => {
    expect(refusal({ allowed: false, reason: 'scope_insufficient' })).to.include({ scope: 'projects:write' })
    const { message } = refusal({ allowed: false, reason: 'other_team', project: 'ml/x' }) ?? {}
    expect(message).to.equal('no write access to the project ml/x: other_team')
  })
})
