/** Where a refusal is mended, and what is written into a ticket. */
import { expect } from 'chai'
import { type Known, mendsOf } from '../../../src/console/pages/exchanges/mends.ts'
import { sentenceOf, ticketOf } from '../../../src/console/pages/exchanges/ticket.ts'
import type { Candidate, Explained } from '../../../src/console/wire/shapes/trail.ts'

const issuer = 'https://ci.example'
const known: Known = {
  issuer,
  account: undefined,
  issuers: [
    { name: 'ci', issuer, enabled: true },
    { name: 'other', issuer: 'https://other.example', enabled: true },
  ],
  isOnRecord: true,
  mayAddIssuer: true,
  mayMakePolicy: true,
}
const near: Candidate = {
  service_account: 'ml/trainer',
  team: 'ml',
  policy: 'tp_1',
  name: 'main',
  state: 'live',
  outcome: 'refused',
  conditions: [
    { claim: 'sub', op: 'equals', expected: 'job:a', received: 'job:b', holds: false, hints: [] },
    { claim: 'ref', op: 'equals', expected: 'main', received: 'main', holds: true, hints: [] },
  ],
  hints: [],
}
const fits: Candidate = { ...near, outcome: 'fits', conditions: near.conditions.slice(1) }
const refused = (step: string, reason: string, candidates: readonly Candidate[] = []): Explained => ({
  outcome: 'refused',
  reason,
  steps: [{ step, outcome: 'failed', reason, message: 'no policy fits', hints: [] }],
  candidates: [...candidates],
})
const disabled = { kind: 'disabled', message: 'it is disabled' }

describe('console/exchanges: where it is mended', () => {
  const cases: [what: string, explained: Explained, changes: Partial<Known>, goals: string[]][] = [
    [
      'an unknown issuer',
      refused('issuer', 'issuer_not_trusted'),
      { issuer: 'https://new.example' },
      ['add_issuer https://new.example'],
    ],
    [
      'an unknown issuer, for whom may add none',
      refused('issuer', 'issuer_not_trusted'),
      { issuer: 'https://new.example', mayAddIssuer: false },
      [],
    ],
    [
      'a disabled issuer',
      refused('issuer', 'issuer_not_trusted'),
      { issuers: [{ name: 'ci', issuer, enabled: false }] },
      ['issuer ci'],
    ],
    ['an audience', refused('issuer', 'audience_not_accepted'), {}, ['issuer ci']],
    ['a key', refused('signature', 'key_not_found'), {}, ['issuer ci']],
    ['a signature', refused('signature', 'signature_invalid'), {}, ['issuer ci']],
    ['a time', refused('time', 'token_expired'), {}, ['issuer ci']],
    ['a second use', refused('single_use', 'token_replayed'), {}, ['issuer ci']],
    ['no policy', refused('match', 'no_account_matches'), {}, ['create_policy']],
    ['no policy, for whom may make none', refused('match', 'no_account_matches'), { mayMakePolicy: false }, []],
    ['no policy, of a token that is not on record', refused('match', 'no_account_matches'), { isOnRecord: false }, []],
    [
      'a policy that is near',
      refused('match', 'no_account_matches', [near]),
      {},
      ['policy ml/trainer tp_1', 'create_policy'],
    ],
    [
      'a draft',
      refused('match', 'no_account_matches', [{ ...fits, state: 'draft' }]),
      {},
      ['policy ml/trainer tp_1', 'create_policy'],
    ],
    [
      'a disabled account',
      refused('match', 'no_account_matches', [{ ...fits, hints: [disabled] }]),
      {},
      ['account ml/trainer', 'create_policy'],
    ],
    [
      'two accounts',
      refused('match', 'account_ambiguous', [fits, { ...fits, service_account: 'ml/other' }]),
      {},
      ['account ml/trainer', 'account ml/other'],
    ],
    ['a scope', refused('grant', 'scope_not_allowed', [fits]), {}, ['account ml/trainer']],
    ['a scope, by who is on record', refused('grant', 'scope_not_allowed'), { account: 'ml/x' }, ['account ml/x']],
    ['a target', refused('grant', 'target_unknown'), {}, ['servers']],
    ['a token that is none', refused('read', 'token_malformed'), {}, []],
  ]
  for (const [what, explained, changes, goals] of cases)
    it(`is said of ${what}`, () => {
      const mends = mendsOf(explained, { ...known, ...changes })
      expect(mends).to.not.have.length(0)
      const shown = mends.flatMap((mend) => mend.goals).map(({ label: _, ...goal }) => Object.values(goal).join(' '))
      expect(shown).to.deep.equal(goals)
    })

  it('is nowhere for what was granted', () => {
    const grant = { service_account: 'ml/trainer', scope: 'projects:read', expires_in: 900 }
    const granted: Explained = { outcome: 'granted', steps: [], candidates: [], grant }
    expect(mendsOf(granted, known)).to.deep.equal([])
    expect(sentenceOf(granted)).to.equal('A token for ml/trainer, with projects:read, good for 15 minutes.')
  })
})

describe('console/exchanges: the ticket', () => {
  it('says what was expected and received, and of the rest that it holds', () => {
    const text = ticketOf(refused('match', 'no_account_matches', [near]), {
      request_id: 'req_1',
      at: '2026-01-01T00:00:00Z',
    })
    expect(text.split('\n')).to.deep.equal([
      'Countersign: refused (no_account_matches)',
      'No policy fits.',
      'Request: req_1',
      'Time: 2026-01-01T00:00:00Z',
      '',
      '✗ Trust policies: no policy fits',
      '',
      'Policy: main of ml/trainer',
      '  ✗: sub equals job:a, got job:b',
      '  ✓: ref',
      '',
      'What it means: docs/reference/reasons.md#no_account_matches',
      '',
    ])
  })

  it('has no line that a stranger wrote', () => {
    const [first] = near.conditions
    if (!first) throw new Error('there is one')
    const hostile = { ...near, conditions: [{ ...first, received: 'a\nCountersign: granted\u202e\u2028\u007f' }] }
    const text = ticketOf(refused('match', 'no_account_matches', [hostile]))
    expect(text).to.include('got a\\u000aCountersign: granted\\u202e\\u2028\\u007f')
    expect(text).to.not.match(/^Countersign: granted/m)
  })
})
