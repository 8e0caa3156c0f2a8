import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import type { JsonObject } from '../../../src/protocol/json.ts'
import { mayBePerson } from '../../../src/server/exchange/prove.ts'
import { loadCel } from '../../../src/server/trust/cel.ts'
import type { Cel } from '../../../src/server/trust/cel-program.ts'
import { type Candidate, compilePolicy } from '../../../src/server/trust/compile.ts'
import { match, matchInTurns, type Subject } from '../../../src/server/trust/match.ts'
import type { Condition, WrittenPolicy } from '../../../src/server/trust/policy.ts'

type Policy = Partial<WrittenPolicy> & {
  subject: string
  account: string
  issuer?: string
  org?: string
  enabled?: boolean
}
type Vector = {
  name: string
  policies: Policy[]
  subject: string
  claims?: JsonObject
  ask?: string
  granted?: string
  refused?: string
  misses?: string[]
  drafts?: string[]
}
const vectors = JSON.parse(readFileSync(new URL('../../vectors/match.json', import.meta.url), 'utf8')) as Vector[]

/** One condition on one set of claims. */
type Test = { why: string; condition: Condition; claims: JsonObject; holds: boolean }
const conditions = JSON.parse(readFileSync(new URL('../../vectors/conditions.json', import.meta.url), 'utf8')) as Test[]

const noon = Date.parse('2026-11-30T12:00:00Z')
const asked = (subject: string, claims: JsonObject = {}): Subject => ({
  registrationId: 'iss_1',
  orgId: 'org_1',
  subject,
  claims: { ...claims, sub: subject },
  header: { alg: 'RS256' },
  now: noon,
})
const stopwatch = () => 0

describe('trust/match', () => {
  let cel: Cel
  before(async () => {
    cel = await loadCel()
  })

  const candidateOf = (
    { account, issuer = 'iss_1', org = 'org_1', enabled = true, ...written }: Policy,
    i = 0,
  ): Candidate => {
    const plain: WrittenPolicy = { subject: '', match: 'exact', conditions: [], cel: null, state: 'live' }
    const made = compilePolicy({ ...plain, ...written, id: `tp_${i}`, name: `p${i}`, issuerId: issuer }, cel)
    if (!made.ok) throw new Error(JSON.stringify(made.faults))
    return {
      policy: made.policy,
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
    }
  }

  for (const { name, policies, subject, claims, ask, granted, refused, misses, drafts } of vectors) {
    it(`${granted ? 'grants' : 'refuses'}: ${name}`, () => {
      const ready = policies.map(candidateOf)
      const decision = match(ready, asked(subject, claims), ask === undefined ? {} : { serviceAccount: ask }, stopwatch)
      expect(decision.outcome === 'granted' ? decision.candidate.account.id : undefined).to.equal(granted)
      expect(decision.outcome === 'refused' ? decision.reason : undefined).to.equal(refused)
      expect(decision.trials.map(({ policy, account }) => [policy, account])).to.deep.equal(
        policies.map(({ account }, i) => [`tp_${i}`, account]),
      )
      if (misses) expect(decision.trials.map(({ miss }) => miss ?? null)).to.deep.equal(misses)
      expect(decision.drafts.map(({ account }) => account.id)).to.deep.equal(drafts ?? [])
    })
  }

  for (const { why, condition, claims, holds } of conditions) {
    it(`${holds ? 'holds' : 'does not hold'}: ${why}`, () => {
      const candidate = candidateOf({ subject: 'job:a', account: 'sa_a', conditions: [condition] })
      const { outcome, trials } = match([candidate], asked('job:a', claims), {}, stopwatch)
      expect(outcome).to.equal(holds ? 'granted' : 'refused')
      expect(trials[0]?.claim).to.equal(holds ? undefined : condition.claim)
    })
  }

  it('lets others have their turn where much is asked of one token, and decides the same', async () => {
    const candidates = Array.from({ length: 100 }, (_, i) => ({
      ...candidateOf({ subject: 'job:a', account: 'sa_a', conditions: [{ claim: 'n', op: 'equals', value: i }] }),
    }))
    let [ms, turns] = [0, 0]
    const slow = () => ms++
    const turn = async () => void turns++
    const token = asked('job:a', { n: 7 })
    const decision = await matchInTurns(candidates, token, {}, slow, turn)
    expect(decision).to.deep.equal(match(candidates, token, {}, stopwatch))
    expect(turns).to.be.within(10, 50)
  })

  it('refuses conditions that are longer than a token may be', () => {
    const policy = (length: number) => ({
      ...{ id: 'tp_1', name: 'p', issuerId: 'iss_1', subject: 'job:a', match: 'exact' as const, cel: null },
      state: 'live' as const,
      conditions: [{ claim: 'c', op: 'in' as const, value: [...'0123456789abcdef'].map((one) => one.repeat(length)) }],
    })
    expect(compilePolicy(policy(1_000)).ok).to.equal(true)
    expect(compilePolicy(policy(1_024))).to.deep.equal({
      ok: false,
      faults: [{ path: 'conditions', message: 'must be at most 16384 characters as JSON' }],
    })
  })

  it('grants nothing while a policy of another account had no time to be judged, drafts apart', () => {
    const late = (policy: Policy, i: number): Candidate => {
      const { policy: made, account } = candidateOf({ ...policy, cel: "claims.sub == 'never'" }, i)
      const answer = { outcome: 'error', message: 'it rests', late: true, milliseconds: 0 } as const
      const program = { ...made.cel?.program, evaluate: () => answer }
      return { account, policy: { ...made, cel: { source: '', program } } as Candidate['policy'] }
    }
    const subject = 'job:a'
    const sure = candidateOf({ subject, account: 'sa_a' })
    const decided = (...others: Candidate[]) => match([sure, ...others], asked(subject), {}, stopwatch)
    const { outcome, trials } = decided(late({ subject, account: 'sa_b' }, 1))
    expect([outcome, trials[1]]).to.deep.equal([
      'refused',
      { policy: 'tp_1', account: 'sa_b', miss: 'cel', because: 'it rests', late: true },
    ])
    expect(decided(late({ subject, account: 'sa_a' }, 1)).outcome).to.equal('granted')
    expect(decided(late({ subject, account: 'sa_b', state: 'draft' }, 1)).outcome).to.equal('granted')
    expect(decided(late({ subject: 'job:b', account: 'sa_b' }, 1)).outcome).to.equal('granted')
    expect(mayBePerson(match([late({ subject, account: 'sa_b' }, 1)], asked(subject), {}, stopwatch), {})).to.equal(
      false,
    )
    expect(mayBePerson(match([], asked(subject), {}, stopwatch), {})).to.equal(true)
  })

  it('refuses by a policy of a kind that is not known here, whatever its subject', () => {
    const candidate = candidateOf({ subject: 'job:a', account: 'sa_a', match: 'prefix' as 'glob' })
    expect(match([candidate], asked('job:a'), {}, stopwatch)).to.deep.equal({
      outcome: 'refused',
      reason: 'no_account_matches',
      trials: [{ policy: 'tp_0', account: 'sa_a', miss: 'sub' }],
      drafts: [],
    })
  })

  it('grants nothing by a state that is not known here', () => {
    const candidate = candidateOf({ subject: 'job:a', account: 'sa_a', state: 'suspended' as 'live' })
    expect(match([candidate], asked('job:a'), {}, stopwatch).outcome).to.equal('refused')
  })
})
