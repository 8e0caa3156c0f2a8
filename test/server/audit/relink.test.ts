/** What waited for its place is, letter by letter, what it would have been had it been linked at once. */
import { expect } from 'chai'
import { link, relink, unlinked } from '../../../src/server/audit/chain.ts'
import type { Deed } from '../../../src/server/audit/event.ts'
import { deedOf, newId } from '../../support/nouns.ts'

const from = { seq: 6, hash: 'ab'.repeat(32) }
const lure = ',"request_id":"req_other","result":"granted"'
const account = { id: 'sa_1', name: 'deploy', type: 'service_account' } as const

const deeds: Record<string, Partial<Deed>> = {
  'a grant': { actor: account, target: account, team: 'ci', teamId: 'team_1' },
  'a refusal': { result: 'refused', reason: 'token_expired' },
  'a deed of the installation': { orgId: undefined, org: undefined } as unknown as Partial<Deed>,
  'claims named like members': {
    detail: { claims: { org: 'acme', prev: 'x', reason: 'y', request_id: 'z', result: 'granted', type: 't' } },
  },
  'an organization within a claim': { detail: { org: 'acme', z: { org: 'acme', request_id: 'req_1' } } },
  'a name that reads like members': {
    actor: { type: 'workload', name: lure },
    target: { ...account, name: lure },
    org: `acme${lure}`,
    team: lure,
    client: { ip: '203.0.113.7', user_agent: lure },
    detail: { subject: lure, [lure]: lure },
  },
  'the same in a refusal': { result: 'refused', reason: `x${lure}`, target: { ...account, name: lure } },
  'what needs escaping': { org: 'a"c\\me', reason: 'a "quoted" one\u0000\n', detail: { ü: '\u2028', '€': 'é' } },
  'what cannot be written down as it is': { reason: '\ud800', detail: { text: '\udfff', much: Infinity } },
}

describe('an event that waited', () => {
  for (const [name, more] of Object.entries(deeds))
    it(`is linked as if it had not: ${name}`, () => {
      const deed = deedOf(more)
      const id = newId('evt')
      const atOnce = link(deed, id, from)
      const { body } = unlinked(deed, id)
      const later = relink({ body, orgId: atOnce.entry.orgId, teamId: atOnce.entry.teamId }, from)
      expect(later.entry).to.deep.equal(atOnce.entry)
      expect(later.event).to.deep.equal(atOnce.event)
      expect(JSON.parse(later.entry.body)).to.have.property('prev', from.hash)
    })

  it('is refused when it is none', () => {
    const link = () => relink({ body: '{"id":"evt_1"}', orgId: 'org_acme', teamId: null }, from)
    expect(link).to.throw('what waits is no event')
  })
})
