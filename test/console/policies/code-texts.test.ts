/** The same policy as a command and in a file: read back, it is the same. */
import { execFileSync } from 'node:child_process'
import { expect } from 'chai'
import { parse } from 'yaml'
import { conditionOf as optionOf } from '../../../src/cli/nouns/policy-members.ts'
import { commandOf, conditionWords, fileOf } from '../../../src/console/pages/policies/code-texts.ts'
import {
  conditionOf,
  draftOf,
  emptyDraft,
  fillGaps,
  gapsOf,
  membersOf,
  rowOf,
  scalarOf,
  toggled,
  withMembers,
  withOp,
} from '../../../src/console/pages/policies/draft.ts'
import type { Condition } from '../../../src/console/wire/shapes.ts'

const conditions: Condition[] = [
  { claim: 'repository_id', op: 'equals', value: '456789' },
  { claim: 'build_number', op: 'equals', value: 7 },
  { claim: 'ssh', op: 'equals', value: false },
  { claim: 'event_name', op: 'in', value: ['push', 'workflow_dispatch'] },
  { claim: 'number', op: 'in', value: [1, 'two', true] },
  { claim: 'commas', op: 'in', value: ['a,b', ' c '] },
  { claim: 'bracket', op: 'in', value: ['[x'] },
  { claim: 'one', op: 'in', value: ['json:1'] },
  { claim: 'ref', op: 'glob', value: 'refs/heads/*' },
  { claim: 'there', op: 'exists', value: true },
  { claim: 'absent', op: 'exists', value: false },
  { claim: 'with space', op: 'equals', value: 'it\'s $HOME `id` "q"' },
  { claim: '{brace', op: 'equals', value: 'x' },
  { claim: 'json', op: 'equals', value: 'json:7' },
  { claim: 'empty', op: 'equals', value: '' },
  { claim: 'blank', op: 'equals', value: '  two  words ' },
  { claim: '/kubernetes.io/serviceaccount/uid', op: 'equals', value: 'u\nv' },
]

const policy = {
  name: '0123',
  issuer: 'github',
  subject: "repo:acme/app's:*",
  match: 'glob' as const,
  conditions,
  cel: "claims.a == 'b' &&\n  claims.c",
  state: 'draft' as const,
}

describe('console/policies: the same as code', () => {
  for (const condition of conditions)
    it(`--condition ${conditionWords(condition)}`, () => {
      expect(optionOf(conditionWords(condition))).to.deep.equal(condition)
    })

  it('is a command that a shell hands over as it was meant', () => {
    const text = commandOf(policy, 'ml/trainer').replace(/^countersign/, 'set --')
    const words = execFileSync('sh', ['-c', `${text}\nprintf '%s\\0' "$@"`])
      .toString()
      .split('\0')
      .slice(0, -1)
    expect(words.slice(0, 5)).to.deep.equal(['policy', 'create', '0123', '--sa', 'ml/trainer'])
    const told = (name: string) => words.flatMap((word, at) => (word === name ? [words[at + 1] ?? ''] : []))
    expect(told('--subject')).to.deep.equal([policy.subject])
    expect(told('--match')).to.deep.equal(['glob'])
    expect(told('--cel')).to.deep.equal([policy.cel])
    expect(told('--condition').map(optionOf)).to.deep.equal(conditions)
    expect(words.at(-1)).to.equal('--draft')
  })

  it('says of a change all that it is to be', () => {
    const bare = { ...policy, match: 'exact' as const, conditions: [], cel: null, state: 'live' as const }
    expect(commandOf(bare, 'ml/trainer', 'main'))
      .to.include('update main --sa ml/trainer')
      .and.include('--match exact')
    expect(commandOf(bare, 'ml/trainer', 'main'))
      .to.include('--no-conditions')
      .and.include("--cel ''")
      .and.include('--live')
  })

  it('is a file that YAML reads as it was meant', () => {
    const { name, ...trusted } = policy
    expect(parse(fileOf(policy, { organization: 'acme', team: 'on', account: '7' }))).to.deep.equal({
      organization: 'acme',
      teams: { on: { service_accounts: { 7: { method: 'federated', trust_policies: { [name]: trusted } } } } },
    })
  })
})

describe('console/policies: a draft', () => {
  const kept = {
    id: 'tp_1',
    service_account: 'trainer',
    issuer_id: 'iss_1',
    managed_by: null,
    created_at: '',
    updated_at: '',
  }

  it('is what was kept, however often it is read and written', () => {
    const { name, issuer, state, ...members } = policy
    expect(membersOf(draftOf({ ...kept, ...policy }))).to.deep.equal(members)
  })

  it('takes what lint holds to be better, and keeps the rest', () => {
    const draft = draftOf({ ...kept, ...policy })
    const mended = withMembers(draft, { subject: 'x', match: 'exact' })
    expect([mended.subject, mended.match, mended.rows, mended.cel]).to.deep.equal(['x', 'exact', draft.rows, draft.cel])
    expect(withMembers(draft, { cel: null }).cel).to.equal('')
  })

  it('has gaps filled in everywhere at once, and only those', () => {
    const draft = withMembers(emptyDraft, {
      subject: 'a:<id>:<Not A Gap>:<img src=x>',
      conditions: [
        { claim: 'id', op: 'equals', value: '<id>' },
        { claim: 'n', op: 'in', value: [1, '<other id>'] },
      ],
    })
    expect(gapsOf(draft)).to.deep.equal(['id', 'other id'])
    const filled = fillGaps(draft, { id: '$& <id>' })
    expect(filled.subject).to.equal('a:$& <id>:<Not A Gap>:<img src=x>')
    expect(filled.rows.map(conditionOf)[1]?.value).to.deep.equal([1, '<other id>'])
  })

  it('keeps kinds apart, and shows a number that is none as the text that it is', () => {
    expect([scalarOf('number', '7'), scalarOf('number', '07'), scalarOf('number', '')]).to.deep.equal([7, '07', ''])
    expect([scalarOf('boolean', 'true'), scalarOf('string', 'true'), scalarOf('string', '7')]).to.deep.equal([
      true,
      'true',
      '7',
    ])
  })

  it('asks for a claim by its chip, and no more when it is pressed again', () => {
    const asked = toggled(emptyDraft, 'ref', 'main')
    expect(asked.rows.map(conditionOf)).to.deep.equal([{ claim: 'ref', op: 'equals', value: 'main' }])
    expect(toggled(asked, 'ref', 'other').rows).to.deep.equal([])
  })

  it('changes the test of a condition with what can be kept of its value', () => {
    const row = rowOf({ claim: 'ref', op: 'equals', value: 'main' })
    expect(conditionOf(withOp(row, 'in'))).to.deep.equal({ claim: 'ref', op: 'in', value: ['main'] })
    expect(conditionOf(withOp(withOp(row, 'in'), 'glob'))).to.deep.equal({ claim: 'ref', op: 'glob', value: 'main' })
    expect(conditionOf(withOp(row, 'exists'))).to.deep.equal({ claim: 'ref', op: 'exists', value: true })
    expect(conditionOf(withOp(withOp(row, 'exists'), 'equals'))).to.deep.equal({
      claim: 'ref',
      op: 'equals',
      value: '',
    })
  })
})
