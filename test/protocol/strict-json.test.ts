import { expect } from 'chai'
import fc from 'fast-check'
import { parseStrictJson } from '../../src/protocol/strict-json.ts'

describe('protocol/strict-json', () => {
  const faults: [text: string, fault: 'duplicate' | 'malformed'][] = [
    ['{"a":1,"a":1}', 'duplicate'],
    ['{"a":{"b":[1,{"c":1,"c":2}]}}', 'duplicate'],
    ['{"":1,"":2}', 'duplicate'],
    ['{"a\\"":1,"a\\"":2}', 'duplicate'],
    ['{"__proto__":1,"__proto__":2}', 'duplicate'],
    ['', 'malformed'],
    ['[]', 'malformed'],
    ['{', 'malformed'],
    ['{"a":1}x', 'malformed'],
    ['{"a":"b', 'malformed'],
    ['{"a":"\\', 'malformed'],
    ['{"a":-1e999}', 'malformed'],
    ['{"\\ud800":1}', 'malformed'],
    ['\ufeff{}', 'malformed'],
    ["{'a':1}", 'malformed'],
  ]
  for (const [text, fault] of faults) {
    it(`calls ${JSON.stringify(text)} ${fault}`, () =>
      expect(parseStrictJson(text)).to.deep.equal({ ok: false, fault }))
  }

  it('is not misled by colons and brackets inside strings', () => {
    const text = '{"a:b":"{\\"c\\":[1]}:","d":["::","\\\\"]}'
    expect(parseStrictJson(text)).to.deep.equal({ ok: true, value: JSON.parse(text) })
  })

  it('keeps to the limits it is given', () => {
    expect(parseStrictJson('{"a":[]}', { maxDepth: 1 }).ok).to.equal(false)
    expect(parseStrictJson('{"a":1,"b":2}', { maxMembers: 1 }).ok).to.equal(false)
    expect(parseStrictJson('{"a":{"b":1,"c":2}}', { maxMembers: 1 }).ok).to.equal(true)
  })

  it('reads what JSON.stringify wrote', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ depthSize: 'small' })), (value) => {
        const text = JSON.stringify(value)
        const read = parseStrictJson(text, { maxDepth: 100, maxMembers: 1_000 })
        expect(read).to.deep.equal({ ok: true, value: JSON.parse(text) })
      }),
    )
  })

  it('finds a member that is written twice anywhere', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 10 }), fc.string(), (path, name) => {
        const twice = `{${JSON.stringify(name)}:1,${JSON.stringify(name)}:[]}`
        const text = path.reduce((inner, member) => `{${JSON.stringify(member)}:${inner}}`, twice)
        expect(parseStrictJson(text)).to.deep.equal({ ok: false, fault: 'duplicate' })
      }),
    )
  })
})
