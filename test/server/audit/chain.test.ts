import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { expect } from 'chai'
import fc from 'fast-check'
import type { JsonObject } from '../../../src/protocol/json.ts'
import { canonical } from '../../../src/server/audit/canonical.ts'
import { eventOf, link } from '../../../src/server/audit/chain.ts'
import { genesis } from '../../../src/server/audit/store.ts'
import { deedOf, noon } from '../../support/nouns.ts'

describe('audit/chain', () => {
  it('writes down an event as the contract says', () => {
    const { event, entry } = link(
      deedOf({ request_id: 'req_1', reason: 'token_expired', team: 'ml' }),
      'evt_1',
      genesis,
    )
    const { hash, ...bare } = event
    expect(bare).to.deep.equal({
      id: 'evt_1',
      at: '2026-11-24T12:00:00.000Z',
      type: 'token.exchange',
      result: 'granted',
      reason: 'token_expired',
      request_id: 'req_1',
      org: 'acme',
      team: 'ml',
      actor: { type: 'workload', name: 'repo:acme/app' },
      client: { ip: '203.0.113.7', user_agent: 'curl/8' },
      detail: { issuer: 'https://token.example', scope: 'projects:read' },
      prev: '0'.repeat(64),
    })
    expect(hash).to.equal(
      createHash('sha256')
        .update(String(canonicalize(bare)))
        .digest('hex'),
    )
    expect(eventOf(entry)).to.deep.equal(event)
    expect(Object.keys(eventOf(entry)).slice(0, 3)).to.deep.equal(['id', 'at', 'type'])
  })

  it('leaves out what is absent', () => {
    const { entry } = link(deedOf(), 'evt_1', genesis)
    expect(entry).to.include({ reason: null, teamId: null, actorId: null, targetId: null, targetName: null })
    expect(entry.body).not.to.match(/null|undefined|reason|team|target/)
  })

  it('puts what concerns no organization into the trail of the installation', () => {
    const { orgId: _, org: __, ...deed } = deedOf()
    const { event, entry } = link(deed, 'evt_1', genesis)
    expect([event.org, entry.orgId]).to.deep.equal(['*', '*'])
  })

  it('bears the hash before it, and counts', () => {
    const first = link(deedOf(), 'evt_1', genesis)
    const second = link(deedOf({ at: noon + 1 }), 'evt_2', first.entry)
    expect(second.event.prev).to.equal(first.event.hash)
    expect([first.entry.seq, second.entry.seq]).to.deep.equal([1, 2])
  })

  it('tames what RFC 8785 cannot write down', () => {
    const claims = { 'a\ud800': ['\udfff', 1], big: Number.POSITIVE_INFINITY } as unknown as JsonObject
    const { event, entry } = link(deedOf({ detail: { claims } }), 'evt_1', genesis)
    expect(event.detail).to.deep.equal({ claims: { 'a\ufffd': ['\ufffd', 1], big: 'Infinity' } })
    expect(eventOf(entry)).to.deep.equal(event)
  })
})

describe('audit/canonical', () => {
  it('agrees with the library on whatever JSON can hold', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        expect(canonical(value as JsonObject)).to.equal(canonicalize(value))
      }),
      { numRuns: 2000 },
    )
  })

  const odd: [what: string, text: string][] = [
    ['members that look like numbers', '{"10":1,"9":2,"a":3,"1":4}'],
    ['__proto__', '{"b":1,"__proto__":{"z":1,"a":2}}'],
    ['toJSON as data', '{"toJSON":"x","a":1}'],
    ['code units, not code points', '{"\u{1f600}":1,"\ufb33":2,"\u20ac":3,"\u0080":4,"\\r":5,"1":6}'],
    ['numbers', '[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001,-0,1e21,-1e-7]'],
    ['controls and quotation marks', '["\\u0000\\u001f\\"\\\\/\u007f\u2028"]'],
    ['nothing', '[{},[],"",null,true,false]'],
    [
      'very many members',
      JSON.stringify(Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`m${(i * 7919) % 200}`, i]))),
    ],
  ]
  for (const [what, text] of odd) {
    it(`agrees with the library on ${what}`, () => {
      expect(canonical(JSON.parse(text))).to.equal(canonicalize(JSON.parse(text)))
    })
  }

  it('refuses what cannot be written down', () => {
    expect(() => canonical(['\ud800'])).to.throw(TypeError)
    expect(() => canonical({ '\ud800': 1 })).to.throw(TypeError)
    expect(() => canonical([Number.POSITIVE_INFINITY])).to.throw(TypeError)
  })
})
