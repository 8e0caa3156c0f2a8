import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import type { JsonObject } from '../../../src/protocol/json.ts'
import { conditionHints, subjectHints } from '../../../src/server/trust/claim-hints.ts'
import { type CompiledCondition, compileCondition } from '../../../src/server/trust/condition.ts'
import { globbed, type Hint, hintKinds, same, similarName, spellingHints } from '../../../src/server/trust/hints.ts'
import type { Condition, MatchKind } from '../../../src/server/trust/policy.ts'
import { audienceHints, clockHints, issuerHints } from '../../../src/server/trust/token-hints.ts'

/** One near miss; of which kind it is, is told by what it has. */
type Vector = {
  name: string
  hints: string[]
  claims?: JsonObject
  condition?: Condition
  subject?: { policy: string; match: MatchKind }
  issuers?: string[]
  audiences?: string[]
  received?: string | string[]
  times?: string
  tolerance?: number
}
const vectors = JSON.parse(readFileSync(new URL('../../vectors/hints.json', import.meta.url), 'utf8')) as Vector[]
const ours = { publicUrl: 'https://id.example', org: 'acme' }
const now = 1_000

function hintsOf(vector: Vector): Hint[] {
  const { claims = {}, condition, subject, issuers, audiences, received, times, tolerance = 0 } = vector
  if (condition) {
    const compiled = compileCondition(condition) as CompiledCondition
    expect(compiled.holds(claims), 'it holds, and needs no hint').to.equal(false)
    return conditionHints(condition, compiled.received(claims), claims)
  }
  if (subject) return subjectHints(subject.policy, String(claims.sub), subject.match === 'glob', claims)
  if (issuers) return issuerHints(issuers, String(received))
  if (audiences) return audienceHints(audiences, received as string[], ours)
  return clockHints(String(times), claims, now, tolerance)
}

const about = ({ condition, subject, issuers, audiences }: Vector) =>
  condition ? 'a condition' : subject ? 'a subject' : issuers ? 'an issuer' : audiences ? 'an audience' : 'a time'

describe('trust/hints', () => {
  for (const vector of vectors)
    it(`${about(vector)}: ${vector.name}`, () => {
      const hints = hintsOf(vector)
      expect(hints.map(({ kind }) => kind)).to.deep.equal(vector.hints)
      for (const { kind, message } of hints) {
        expect(hintKinds).to.include(kind)
        expect(message).to.match(/^[^\n]{8,400}$/)
      }
    })

  it('has near misses of every kind that a token can have', () => {
    const ofPolicies = ['nearest', 'disabled', 'draft']
    const seen = new Set(vectors.flatMap(({ hints }) => hints))
    expect(hintKinds.filter((kind) => !seen.has(kind))).to.deep.equal(ofPolicies)
  })

  it('says nothing of what is the same', () => {
    for (const text of ['', 'a', 'A/', ' x ']) expect(spellingHints(text, text)).to.deep.equal([])
    expect(spellingHints('a*', 'abc', globbed)).to.deep.equal([])
    expect(spellingHints('a', 'b', same)).to.deep.equal([])
  })

  it('finds the name that was meant, and none that was not', () => {
    const names = ['environment', 'repository_id', 'ref', 'sub', 'job_workflow_ref']
    for (const [given, meant] of [
      ['enviroment', 'environment'],
      ['Environment', 'environment'],
      ['repositoryId', 'repository_id'],
      ['repository-id', 'repository_id'],
      ['enviornment', 'environment'],
      ['job_worklow_ref', 'job_workflow_ref'],
      ['workspace', undefined],
      ['refs', undefined],
      ['sup', undefined],
    ] as const)
      expect(similarName(given, names), given).to.equal(meant)
  })

  it('takes its time by the length of what it looks at, and no more', () => {
    const long = (text: string) => text.repeat(8_000).slice(0, 16_000)
    const from = performance.now()
    for (const text of [long(' /'), long('repo:a/b:'), long('@1/'), long('/')]) {
      spellingHints(text, `${text}x`)
      spellingHints(text, `${text}x`, globbed)
      subjectHints(text, `${text}:pull_request`, true, {})
      issuerHints([text], `${text}x`)
      audienceHints([text], [`${text}x`], ours)
      similarName(text, [`${text}x`])
    }
    expect(performance.now() - from).to.be.lessThan(1_000)
  })
})
