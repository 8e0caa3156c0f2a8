import { expect } from 'chai'
import { conditionOf } from '../../src/cli/nouns/policy-members.ts'

describe('cli/nouns/policy-members', () => {
  for (const [text, condition] of [
    ['repository_id equals 74', { claim: 'repository_id', op: 'equals', value: '74' }],
    ['protected equals true', { claim: 'protected', op: 'equals', value: 'true' }],
    ['build_number equals json:7', { claim: 'build_number', op: 'equals', value: 7 }],
    ['protected equals json:true', { claim: 'protected', op: 'equals', value: true }],
    ['title equals  two  words ', { claim: 'title', op: 'equals', value: ' two  words ' }],
    ['/kubernetes.io/pod/name glob web-*', { claim: '/kubernetes.io/pod/name', op: 'glob', value: 'web-*' }],
    ['ref in a, b,json:3', { claim: 'ref', op: 'in', value: ['a', 'b', 3] }],
    ['ref in ["a,b",1]', { claim: 'ref', op: 'in', value: ['a,b', 1] }],
    ['actor exists', { claim: 'actor', op: 'exists', value: true }],
    ['actor exists false', { claim: 'actor', op: 'exists', value: false }],
    ['{"claim":"a b","op":"equals","value":"c"}', { claim: 'a b', op: 'equals', value: 'c' }],
  ] as const)
    it(text, () => expect(conditionOf(text)).to.deep.equal(condition))

  for (const text of ['', 'a', 'a is b', 'a equals', 'a exists perhaps', 'a equals json:', 'a in [1', '{', '[1]'])
    it(`is none: ${text || 'nothing'}`, () => expect(() => conditionOf(text)).to.throw())
})
