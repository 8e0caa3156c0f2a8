/** Replays on a trail as it is kept: how far back, how much, of whom; and what hangs on what was not kept. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { JsonObject } from '../../../../src/protocol/json.ts'
import { link } from '../../../../src/server/audit/chain.ts'
import type { Deed } from '../../../../src/server/audit/event.ts'
import { type Entry, genesis, type Head } from '../../../../src/server/audit/store.ts'
import { readied } from '../../../../src/server/exchange/replay/change.ts'
import { type Change, createReplay, type ReplayAsk } from '../../../../src/server/exchange/replay/replay.ts'
import { openStorage } from '../../../../src/server/storage/open.ts'
import type { Storage } from '../../../../src/server/storage/storage.ts'
import type { Candidate } from '../../../../src/server/trust/compile.ts'
import type { CandidateAccount, WrittenPolicy } from '../../../../src/server/trust/policy.ts'
import { turnsDuring } from '../../../support/loop-turns.ts'
import { newId, noon } from '../../../support/nouns.ts'
import { refusalOf } from '../../../support/reasons.ts'

const day = 86_400_000
const issuer = 'https://ci.example'
const registration = { id: 'iss_1', issuer, audiences: ['acme', 'other'] }
const account = (name: string, team = 'ml'): CandidateAccount => ({
  ...{ id: `sa_${name}`, name, enabled: true, access: 'write', tokenTtl: 900, dpopBound: false },
  ...{ orgId: 'org_1', org: 'acme', teamId: `team_${team}`, team },
})
let made = 0
const policyOf = (of: CandidateAccount, more: Partial<WrittenPolicy> = {}): Promise<Candidate> => {
  const plain = { subject: 'job', match: 'exact', conditions: [], cel: null, state: 'live' } as const
  return readied({ ...plain, ...more, id: `tp_${made++}`, name: 'p', issuerId: registration.id }, of)
}
type Seen = {
  at?: number
  result?: 'granted' | 'refused'
  reason?: string
  team?: string
  claims?: JsonObject
  detail?: JsonObject
  type?: string
}

describe('exchange/replay', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-'))
  let storage: Storage
  let end: Head = genesis
  before(async () => {
    storage = await openStorage({ dataDir })
  })
  after(async () => {
    await storage?.close()
    rmSync(dataDir, { recursive: true })
  })

  /** Its own organization for each test. */
  let orgId = ''
  let orgs = 0
  beforeEach(() => {
    orgId = `org_${++orgs}`
    end = genesis
  })
  const record = async (...events: Seen[]): Promise<void> => {
    const from = end
    const entries: Entry[] = events.map(
      ({ at = noon, result = 'refused', reason, team, claims = {}, detail = {}, type }) => {
        const because = result === 'refused' ? { reason: reason ?? 'no_account_matches' } : {}
        const of = team === undefined ? {} : { team, teamId: `team_${team}` }
        const deed: Deed = {
          ...{
            at,
            type: type ?? 'token.exchange',
            result,
            ...because,
            request_id: newId('req'),
            orgId,
            org: 'acme',
            ...of,
          },
          actor: { type: 'workload' },
          client: { ip: '', user_agent: '' },
          detail: {
            audience: 'acme',
            claims: { sub: 'job', ...claims },
            header: { alg: 'RS256' },
            issuer,
            subject: 'job',
            ...detail,
          },
        }
        const { entry } = link(deed, newId('evt'), end)
        end = { seq: entry.seq, hash: entry.hash }
        return entry
      },
    )
    await storage.writing.trail.append(entries, [{ orgId, from, to: end }])
  }
  type More = Partial<ReplayAsk> & { policies?: Candidate[]; limits?: Parameters<typeof createReplay>[0]['limits'] }
  const replay = ({ policies = [], limits = {}, ...ask }: More & { changes: Change[] }) => {
    const { trail } = storage.reading
    const own = (candidate: Candidate): Candidate => ({ ...candidate, account: { ...candidate.account, orgId } })
    const changes = ask.changes.map(({ before, after }) => ({
      ...(before ? { before: own(before) } : {}),
      ...(after ? { after: own(after) } : {}),
    }))
    return createReplay({
      trail: { first: trail, rest: trail },
      candidates: () => async () => policies.map(own),
      now: () => noon + 60_000,
      stopwatch: () => performance.now(),
      limits,
    })({ orgId, registrations: [registration], days: 14, sight: 'all', ...ask, changes })
  }
  const trainer = account('trainer')
  const other = account('other')

  it('goes back so many days, and no further', async () => {
    await record({ at: noon - 15 * day }, { at: noon - 13 * day }, { at: noon - day }, {})
    const after = await policyOf(trainer)
    expect((await replay({ changes: [{ after }] })).counts.gain).to.equal(3)
    expect((await replay({ changes: [{ after }], days: 2 })).counts.gain).to.equal(2)
    const whole = await replay({ changes: [{ after }], days: 90 })
    expect(whole.counts.gain).to.equal(4)
    expect([whole.from, whole.to]).to.deep.equal([noon + 60_000 - 90 * day, noon + 60_000])
    expect(whole.groups.gain[0]).to.deep.include({ count: 4, firstAt: noon - 15 * day, lastAt: noon })
  })

  it('pages through more than fit on one, whatever stands between', async () => {
    for (let i = 0; i < 3; i++)
      await record(
        ...Array.from({ length: 150 }, (_, n) =>
          n % 3 === 0 ? {} : { type: 'team.update', result: 'granted' as const },
        ),
      )
    const after = await policyOf(trainer)
    const { turns, result: done } = await turnsDuring(replay({ changes: [{ after }] }))
    expect([done.exchanges, done.counts.gain, done.truncated]).to.deep.equal([150, 150, false])
    // A hundred on each page.
    expect(turns).to.be.at.least(5)
  })

  it('looks at so many events, newest first, and says how far it came', async () => {
    await record(...Array.from({ length: 30 }, (_, i) => ({ at: noon - (30 - i) * 60_000 })))
    const done = await replay({ changes: [{ after: await policyOf(trainer) }], limits: { events: 10 } })
    expect(done).to.deep.include({ exchanges: 10, truncated: true, from: noon - 10 * 60_000 })
    const late = await replay({ changes: [{ after: await policyOf(trainer) }], limits: { time: -1 } })
    expect(late).to.deep.include({ exchanges: 0, truncated: true, from: noon + 60_000 })
  })

  it('so many at once of an organization, and of all', async () => {
    await record({})
    const after = await policyOf(trainer)
    const { trail } = storage.reading
    const many = createReplay({
      trail: { first: trail, rest: trail },
      candidates: () => async () => [],
      now: () => noon,
      stopwatch: () => performance.now(),
      limits: { atOnce: 2, atOnceOfAll: 3 },
    })
    const ask = (of: string) =>
      many({ orgId: of, changes: [{ after }], registrations: [registration], days: 1, sight: 'all' })
    const running = [ask(orgId), ask(orgId)]
    expect((await refusalOf(ask(orgId))).reason).to.equal('too_many_replays')
    running.push(ask('org_other'))
    expect((await refusalOf(ask('org_third'))).reason).to.equal('too_many_replays')
    await Promise.all(running)
    await ask(orgId)
  })

  it('reads no event of a team that the caller does not administer, and none of no team', async () => {
    await record({ team: 'ml', result: 'granted' }, { team: 'ops', result: 'granted' }, {})
    const changes = [{ before: await policyOf(trainer) }]
    expect((await replay({ changes })).counts.lose).to.equal(3)
    const seen = await replay({ changes, sight: ['team_ml'] })
    expect([seen.counts.lose, seen.exchanges, seen.sight]).to.deep.equal([1, 1, 'teams'])
    expect((await replay({ changes, sight: [] })).exchanges).to.equal(0)
  })

  it('takes what was said of a token for true only when it was proven', async () => {
    const proven = ['no_account_matches', 'account_ambiguous']
    const not = ['token_expired', 'signature_invalid', 'audience_not_accepted', 'rate_limited', 'token_replayed']
    await record(...[...proven, ...not].map((reason) => ({ reason })), { result: 'granted' })
    expect((await replay({ changes: [{ after: await policyOf(trainer) }] })).counts.gain).to.equal(3)
  })

  it('belongs to the registration that its issuer and audience name', async () => {
    await record(
      { detail: { audience: ['x', 'other'] } },
      { detail: { audience: 'elsewhere' } },
      { detail: { issuer: `${issuer}/` } },
    )
    expect((await replay({ changes: [{ after: await policyOf(trainer) }] })).exchanges).to.equal(1)
  })

  it('several changes at once: from one account to another is a loss of one and a gain of the other', async () => {
    await record({ result: 'granted' })
    const before = await policyOf(trainer)
    const changes = [{ before }, { after: await policyOf(other) }]
    const done = await replay({ changes, policies: [before] })
    expect(done.counts).to.deep.include({ gain: 1, lose: 1, ambiguous: 0 })
    expect([done.groups.lose[0]?.account, done.groups.gain[0]?.account]).to.deep.equal(['ml/trainer', 'ml/other'])
  })

  it('from several to one is a gain; from several to nobody is none', async () => {
    await record({ reason: 'account_ambiguous' })
    const both = [await policyOf(trainer), await policyOf(other)] as const
    expect((await replay({ changes: [{ before: both[1] }], policies: [...both] })).groups.gain[0]?.account).to.equal(
      'ml/trainer',
    )
    const none = await replay({ changes: both.map((before) => ({ before })), policies: [...both] })
    expect(none.counts).to.deep.include({ gain: 0, lose: 0, unchanged: { granted: 0, refused: 1 } })
  })

  it('a doubt about another policy counts where it makes a difference, and only there', async () => {
    await record({ claims: { secret: '[redacted]' } })
    const doubtful = { conditions: [{ claim: 'secret', op: 'equals', value: 'x' } as const] }
    const after = await policyOf(trainer)
    // The other may fit: then it would be ambiguous.
    const open = await replay({ changes: [{ after }], policies: [await policyOf(other, doubtful)] })
    expect(open.counts).to.deep.include({ gain: 0, ambiguous: 0, unknown: 1 })
    expect(open.groups.unknown[0]?.claims).to.deep.equal(['secret'])
    // Of the same account: it may have been granted anyway.
    const same = await replay({ changes: [{ after }], policies: [await policyOf(trainer, doubtful)] })
    expect(same.counts).to.deep.include({ gain: 0, unknown: 1 })
    const never = {
      ...doubtful,
      conditions: [...doubtful.conditions, { claim: 'none', op: 'exists', value: true } as const],
    }
    const sure = await replay({ changes: [{ after }], policies: [await policyOf(other, never)] })
    expect(sure.counts).to.deep.include({ gain: 1, unknown: 0 })
    // A draft grants nothing, however it is judged.
    const draft = await replay({
      changes: [{ after }],
      policies: [await policyOf(other, { ...doubtful, state: 'draft' })],
    })
    expect(draft.counts).to.deep.include({ gain: 1, unknown: 0 })
  })

  it('an event of before headers were kept leaves an expression that reads one unknown', async () => {
    await record({ detail: { header: null } })
    const cel = "header.alg == 'RS256'"
    const done = await replay({ changes: [{ after: await policyOf(trainer, { cel }) }] })
    expect(done.groups.unknown[0]?.claims).to.deep.equal(['header'])
  })

  it('an expression is judged at the time of the exchange', async () => {
    await record({ at: noon - day }, { at: noon })
    const cel = `now < timestamp("${new Date(noon - 1_000).toISOString()}")`
    const after = await policyOf(trainer, { cel })
    expect((await replay({ changes: [{ after }] })).counts.gain).to.equal(1)
  })

  it('remembers so many subjects; those beyond are counted', async () => {
    await record(...Array.from({ length: 2_200 }, (_, i) => ({ detail: { subject: `job-${i}` } })))
    const after = await policyOf(trainer, { subject: 'job-*', match: 'glob' })
    const done = await replay({ changes: [{ after }] })
    expect([done.counts.gain, done.groups.gain.length, done.more]).to.deep.equal([2_200, 100, true])
  })
})
