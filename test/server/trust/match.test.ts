import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { match } from '../../../src/server/trust/match.ts'
import type { Candidate } from '../../../src/server/trust/policy.ts'

type Vector = {
  name: string
  policies: { subject: string; account: string; issuer?: string; org?: string; enabled?: boolean }[]
  subject: string
  ask?: string
  granted?: string
  refused?: string
  misses?: string[]
}
const vectors = JSON.parse(readFileSync(new URL('../../vectors/match.json', import.meta.url), 'utf8')) as Vector[]

const candidateOf = (
  { subject, account, issuer = 'iss_1', org = 'org_1', enabled = true }: Vector['policies'][number],
  i: number,
): Candidate => ({
  policy: { id: `tp_${i}`, issuerId: issuer, subject, match: 'exact' },
  account: {
    id: account,
    name: account,
    enabled,
    access: 'write',
    tokenTtl: 900,
    dpopBound: false,
    orgId: org,
    org: 'acme',
    teamId: 'team_1',
    team: 'team',
  },
})

describe('trust/match', () => {
  for (const { name, policies, subject, ask, granted, refused, misses } of vectors) {
    it(`${granted ? 'grants' : 'refuses'}: ${name}`, () => {
      const verified = { registrationId: 'iss_1', orgId: 'org_1', subject }
      const decision = match(policies.map(candidateOf), verified, ask === undefined ? {} : { serviceAccount: ask })
      expect(decision.outcome === 'granted' ? decision.candidate.account.id : undefined).to.equal(granted)
      expect(decision.outcome === 'refused' ? decision.reason : undefined).to.equal(refused)
      expect(decision.trials.map(({ policy, account }) => [policy, account])).to.deep.equal(
        policies.map(({ account }, i) => [`tp_${i}`, account]),
      )
      if (misses) expect(decision.trials.map(({ miss }) => miss)).to.deep.equal(misses)
    })
  }

  it('refuses by a policy of a kind that is not known here, whatever its subject', () => {
    const { policy, account } = candidateOf({ subject: 'job:a', account: 'sa_a' }, 0)
    const strange = { account, policy: { ...policy, match: 'glob' } } as unknown as Candidate
    const decision = match([strange], { registrationId: 'iss_1', orgId: 'org_1', subject: 'job:a' }, {})
    expect(decision).to.deep.equal({
      outcome: 'refused',
      reason: 'no_account_matches',
      trials: [{ policy: 'tp_0', account: 'sa_a', miss: 'sub' }],
    })
  })
})
