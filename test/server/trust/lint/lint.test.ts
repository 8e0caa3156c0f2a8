import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { subjectAlgorithms } from '../../../../src/protocol/oauth.ts'
import { loadPresets } from '../../../../src/server/presets.ts'
import { loadCel } from '../../../../src/server/trust/cel.ts'
import type { Cel } from '../../../../src/server/trust/cel-program.ts'
import type { Finding, Severity } from '../../../../src/server/trust/finding.ts'
import { lintIssuer } from '../../../../src/server/trust/lint/issuer.ts'
import { lintPolicy } from '../../../../src/server/trust/lint/lint.ts'
import type { About, LintedAccount } from '../../../../src/server/trust/lint/reading.ts'
import type { LintedRegistration } from '../../../../src/server/trust/lint/registration.ts'
import { rules } from '../../../../src/server/trust/lint/rules.ts'
import type { Condition, WrittenPolicy } from '../../../../src/server/trust/policy.ts'

/** A policy, with what is known besides; or an issuer as it is registered. */
type Case = {
  policy?: Partial<WrittenPolicy>
  url?: string
  audiences?: string[]
  account?: Partial<LintedAccount>
  siblings?: (Partial<WrittenPolicy> & { name: string })[]
  usage?: About['usage']
  seen?: About['claimsSeen']
  issuer?: Partial<LintedRegistration> & { url: string; publicOnly?: boolean }
}
type Vector = { rule: string; severity: Severity; name?: string; preset?: string; bad: Case; good: Case }
const vectors = JSON.parse(readFileSync(new URL('../../../vectors/lint.json', import.meta.url), 'utf8')) as Vector[]

const presets = loadPresets()
const ownAudiences = ['acme', 'https://id.example/orgs/acme']
/** Of placeholders that have to fit each other. */
const examples: Record<string, string> = { ref: 'refs/heads/main', build_branch: 'main' }
const unknown = 'https://ci.example'
const whole = (policy: Partial<WrittenPolicy> = {}): WrittenPolicy => ({
  subject: '',
  match: 'exact',
  conditions: [],
  cel: null,
  state: 'live',
  ...policy,
})

describe('trust/lint', () => {
  let cel: Cel
  before(async () => {
    cel = await loadCel()
  })

  const factsOf = (source: string | null | undefined) => {
    const made = source ? cel.compile(source) : undefined
    if (made && !made.ok) throw new Error(made.fault.message)
    return made ? { cel: made.program.facts } : {}
  }
  function lint(one: Case, name: string | undefined, better: object = {}): Finding[] {
    if (one.issuer) {
      const { publicOnly = true, ...issuer } = { ...one.issuer, ...better }
      const registration = {
        preset: null,
        audiences: ownAudiences,
        algorithms: subjectAlgorithms,
        singleUse: false,
        users: false,
        fetched: true,
        ...issuer,
        ...('jwks' in better ? { fetched: false } : {}),
        ...('issuer' in better ? { url: String(better.issuer) } : {}),
        ...('single_use' in better ? { singleUse: true } : {}),
      }
      return lintIssuer(registration, { presets, ownAudiences, publicOnly })
    }
    const preset = name === undefined ? undefined : presets.find(name)
    const url = one.url ?? preset?.issuers[0]?.url ?? unknown
    const policy = whole({ ...one.policy, ...better })
    return lintPolicy(policy, {
      issuer: {
        url,
        shared: presets.isShared(url, name),
        audiences: ('issuer' in better ? undefined : one.audiences) ?? ownAudiences,
      },
      preset,
      account: {
        access: 'write',
        admin: false,
        tokenTtl: 'token_ttl' in better ? Number(better.token_ttl) : 900,
        ...('token_ttl' in better ? {} : one.account),
      },
      siblings: (one.siblings ?? []).map((sibling) => ({ ...whole(sibling), name: sibling.name })),
      ...(one.usage ? { usage: one.usage } : {}),
      ...(one.seen ? { claimsSeen: one.seen } : {}),
      ...factsOf(policy.cel),
    })
  }
  const of = (findings: readonly Finding[], rule: string) => findings.filter((finding) => finding.rule === rule)

  for (const { rule, severity, name, preset, bad, good } of vectors) {
    const [title] = rules[rule as keyof typeof rules] ?? ['']
    const what = name ?? bad.policy?.subject ?? bad.issuer?.url ?? ''
    it(`${rule} ${title}: ${[preset, what].filter(Boolean).join(', ')}`, () => {
      const found = of(lint(bad, preset), rule)
      expect(found.map((finding) => finding.severity)).to.include(severity)
      for (const { message, better } of found) {
        expect(message).to.match(/^\S.*[^.]$/s)
        if (better) {
          const mended = of(lint(bad, preset, better), rule).filter((left) => left.message === message)
          expect(mended, JSON.stringify(better)).to.deep.equal([])
        }
      }
      expect(of(lint(good, preset), rule).map((finding) => finding.message)).to.deep.equal([])
    })
  }

  it('has a vector for every rule, none of them worse than the rule says', () => {
    const order: readonly Severity[] = ['info', 'warn', 'error']
    expect([...new Set(vectors.map(({ rule }) => rule))].sort()).to.deep.equal(Object.keys(rules).sort())
    for (const { rule, severity } of vectors) {
      const [, worst] = rules[rule as keyof typeof rules]
      expect(order.indexOf(severity), rule).to.be.at.most(order.indexOf(worst))
    }
  })

  for (const preset of presets.all)
    it(`has nothing against what the preset ${preset.name} recommends`, () => {
      const { subject, match, conditions, whenPresent } = preset.recommended
      const filled = JSON.parse(
        JSON.stringify({ subject, match, conditions: [...conditions, ...whenPresent] }).replace(
          /\{(\w+)\}/g,
          (_, placeholder: string) => examples[placeholder] ?? placeholder,
        ),
      )
      const found = lint({ policy: filled }, preset.name)
      expect(found).to.deep.equal([])
    })

  for (const subject of [
    'job-1',
    'Repo:acme/app ',
    'repo:acme/app:ref:refs/heads/main',
    'repo:acme-123456/app-456789:x',
    '112233',
  ])
    it(`says nothing of the exact subject ${subject} of a provider that is not known`, () => {
      expect(lint({ policy: { subject } }, undefined)).to.deep.equal([])
      expect(lint({ policy: { subject }, url: 'http://127.0.0.1:4444' }, 'custom')).to.deep.equal([])
    })

  it('takes no longer for alternatives that ask much of one claim than for others', () => {
    const list = (letter: string, i: number): Condition => ({
      claim: 'c',
      op: 'in',
      value: Array.from({ length: 60 }, (_, j) => (j < 59 ? String(j) : `${letter}${i}`)),
    })
    const asking = (letter: string, name: number) => ({
      name: `${letter}${name}`,
      subject: 'job:*',
      match: 'glob' as const,
      conditions: [
        ...Array.from({ length: 30 }, (_, i) => list(letter, i)),
        { claim: 'c', op: 'equals', value: '0' } satisfies Condition,
        { claim: 'd', op: 'equals', value: letter } satisfies Condition,
      ],
    })
    const siblings = Array.from({ length: 60 }, (_, i) => asking('b', i))
    const began = performance.now()
    lint({ policy: asking('a', 0), siblings }, undefined)
    expect(performance.now() - began).to.be.below(500)
  })
})
