import { expect } from 'chai'
import type { JsonObject } from '../../../src/protocol/json.ts'
import { createMeet, mostCandidates } from '../../../src/server/exchange/nearest.ts'
import { createReadyPolicies } from '../../../src/server/shared-state/ready-policies.ts'
import { loadCel } from '../../../src/server/trust/cel.ts'
import { type Candidate, compilePolicy } from '../../../src/server/trust/compile.ts'
import { judged } from '../../../src/server/trust/judged.ts'
import { match, type Subject } from '../../../src/server/trust/match.ts'
import type { WrittenCandidate, WrittenPolicy } from '../../../src/server/trust/policy.ts'
import { turnsDuring } from '../../support/loop-turns.ts'

const noon = Date.parse('2026-11-30T12:00:00Z')
const stopwatch = () => performance.now()
const ready = createReadyPolicies(async (policy) => {
  const made = compilePolicy(policy, policy.cel === null ? undefined : await loadCel())
  return made.ok ? made.policy : undefined
})
const subjectOf = (subject: string, claims: JsonObject = {}): Subject => ({
  registrationId: 'iss_1',
  orgId: 'org_1',
  subject,
  claims: { ...claims, sub: subject },
  header: { alg: 'RS256' },
  now: noon,
})
const written = (i: number, more: Partial<WrittenPolicy>, team = 'ml', enabled = true): WrittenCandidate => ({
  policy: {
    id: `tp_${String(i).padStart(7, '0')}`,
    name: `p${i}`,
    version: 1,
    issuerId: 'iss_1',
    ...{ subject: 'job:a', match: 'exact', conditions: [], cel: null, state: 'live' },
    ...more,
  },
  account: {
    id: `sa_${i}`,
    name: `a${i}`,
    enabled,
    access: 'write',
    tokenTtl: 900,
    dpopBound: false,
    orgId: 'org_1',
    org: 'acme',
    teamId: `team_${team}`,
    team,
  },
})
const meet = (policies: readonly WrittenCandidate[]) =>
  createMeet({
    stopwatch,
    ready,
    lookups: {
      async *allPolicies(_, atOnce) {
        for (let at = 0; at < policies.length; at += atOnce) yield policies.slice(at, at + atOnce)
      },
    },
  })
const everything = { isVisible: () => true, candidate: (one: Candidate) => one }

describe('exchange/nearest', () => {
  it('has those first that miss least, then those that look most alike', async () => {
    const conditions = [{ claim: 'ref', op: 'equals', value: 'main' } as const]
    const policies = [
      written(0, { subject: 'elsewhere', conditions }),
      written(1, { subject: 'job:b' }),
      written(2, { subject: 'JOB:A' }),
      written(3, {}),
      written(4, { conditions }),
      written(5, { state: 'draft' }),
      written(6, { subject: 'x' }),
      written(7, { subject: 'elsewhere', conditions: [...conditions, ...conditions] }),
    ]
    const { nearest, fitting } = await meet(policies)(['iss_1'], subjectOf('job:a', { ref: 'dev' }), everything)
    expect(nearest.map(({ policy }) => policy.name)).to.deep.equal(['p3', 'p5', 'p4', 'p2', 'p1', 'p6', 'p0', 'p7'])
    expect(fitting.map(({ policy }) => policy.name)).to.deep.equal(['p3', 'p4', 'p5'])
  })

  it('finds the best 50 of 100,000, and all that fit, while others have their turns', async () => {
    const policies = Array.from({ length: 100_000 }, (_, i) =>
      written(i, {
        subject: `repo:acme/app-${i}:ref:refs/heads/main`,
        conditions: [{ claim: 'repository_id', op: 'equals', value: String(i) }],
      }),
    )
    policies[99_999] = written(99_999, { subject: 'repo:acme/*', match: 'glob' })
    const subject = subjectOf('repo:acme/app-77777:ref:refs/heads/dev', { repository_id: '77777' })
    const { result, turns } = await turnsDuring(meet(policies)(['iss_1'], subject, everything))
    expect(result.nearest).to.have.length(mostCandidates)
    expect(result.nearest.slice(0, 2).map(({ policy }) => policy.name)).to.deep.equal(['p99999', 'p77777'])
    expect(result.fitting.map(({ policy }) => policy.name)).to.deep.equal(['p99999'])
    expect(turns).to.be.at.least(300)
  })

  it('shows none that may not be read, and lets all that fit be matched', async () => {
    const policies = [written(0, {}, 'web'), written(1, { subject: 'job:b' }, 'web'), written(2, { subject: 'x' })]
    const isVisible = ({ account }: Pick<WrittenCandidate, 'account'>) => account.team === 'ml'
    const { nearest, fitting } = await meet(policies)(['iss_1'], subjectOf('job:a'), { ...everything, isVisible })
    expect(nearest.map(({ policy }) => policy.name)).to.deep.equal(['p2'])
    expect(fitting.map(({ policy }) => policy.name)).to.deep.equal(['p0'])
  })

  it('is of one mind with match: a candidate fits when its trial has no miss', async () => {
    let seed = 1
    const chance = () => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed / 2_147_483_647
    }
    const pick = <T>(items: readonly T[]): T => items[Math.floor(chance() * items.length)] as T
    const policies = Array.from({ length: 400 }, (_, i) =>
      written(
        i,
        {
          ...pick([{ subject: pick(['job:a', 'job:b']) }, { subject: pick(['job:*', '*b']), match: 'glob' } as const]),
          conditions: chance() < 0.5 ? [{ claim: 'ref', op: 'in', value: [pick(['main', 'dev', 1])] }] : [],
          cel: chance() < 0.3 ? pick(["claims.ref == 'main'", "claims.nothing == 'x'"]) : null,
          state: chance() < 0.2 ? 'draft' : 'live',
        },
        pick(['ml', 'web']),
        chance() < 0.8,
      ),
    )
    const candidates = await ready(policies)
    const said = new Set<string>()
    for (const subject of ['job:a', 'job:b', 'c'].flatMap((sub) =>
      ['main', 'dev', 1].map((ref) => subjectOf(sub, { ref })),
    ))
      for (const ask of [{}, { serviceAccount: 'ml/a7' }]) {
        const { trials } = match(candidates, subject, ask, stopwatch)
        for (const [i, candidate] of candidates.entries()) {
          const { fits, tests } = judged(candidate, subject, ask, stopwatch)
          const miss = trials[i]?.miss
          said.add(miss ?? 'none')
          expect(fits, `${candidate.policy.name} ${miss}`).to.equal(miss === undefined)
          if (miss === 'condition') expect(tests.find(({ holds }) => !holds)?.claim).to.equal(trials[i]?.claim)
        }
      }
    expect([...said].sort()).to.deep.equal(['cel', 'condition', 'disabled', 'none', 'not_asked_for', 'sub'])
  })
})
