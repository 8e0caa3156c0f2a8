import { expect } from 'chai'
import { unlinked } from '../../../src/server/audit/chain.ts'
import type { Deed } from '../../../src/server/audit/event.ts'

const key = `csk_${'a'.repeat(49)}`
const deed: Deed = {
  at: 0,
  type: 'team.create',
  result: 'done',
  request_id: 'req_1',
  actor: { type: 'user', id: 'user_1', name: 'ada' },
  target: { type: 'team', id: 'team_1', name: 'ml' },
  client: { ip: '127.0.0.1', user_agent: 'curl/8' },
  detail: { name: 'ml', display_name: 'Machines', many: [1, null, true, 'two'] },
}

/** What goes on record of a deed. */
function recorded(given: Deed): Pick<Deed, 'actor' | 'client' | 'detail'> {
  const { event, body } = unlinked(given, 'evt_1')
  expect(JSON.parse(body)).to.deep.equal(event)
  const { actor, client, detail } = event
  return { actor, client, detail }
}
const ofDeed = ({ actor, client, detail }: Deed) => ({ actor, client, detail })

describe('audit/clean', () => {
  it('leaves a deed as it is that holds nothing', () => {
    expect(recorded(deed)).to.deep.equal(ofDeed(deed))
  })

  const rows: [where: string, given: Deed, kept: Deed][] = [
    [
      'the user agent',
      { ...deed, client: { ip: '::1', user_agent: `x ${key}` } },
      { ...deed, client: { ip: '::1', user_agent: 'x [redacted]' } },
    ],
    [
      'a name',
      { ...deed, actor: { type: 'workload', name: key } },
      { ...deed, actor: { type: 'workload', name: '[redacted]' } },
    ],
    [
      'the detail, at any depth, and its names',
      { ...deed, detail: { after: { list: [key, 1, null] }, [key]: true } },
      { ...deed, detail: { after: { list: ['[redacted]', 1, null] }, '[redacted]': true } },
    ],
  ]
  for (const [where, given, kept] of rows)
    it(`takes a key out of ${where}`, () => {
      expect(recorded(given)).to.deep.equal(ofDeed(kept))
    })
})
