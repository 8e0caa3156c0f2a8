import { expect } from 'chai'
import { attributionFaults } from '../../../src/protocol/access.ts'
import { type Attributing, attribute, namesIn, type Person } from '../../../src/server/access/attribution.ts'

const wide: Attributing = { type: 'service_account', scope: 'organization' }
const team: Attributing = { type: 'service_account', scope: 'team' }
const dora: Attributing = { type: 'user', username: 'dora', email: 'Dora@acme.example' }
/** All that a look-up of any of the names may find. */
const people: Person[] = [
  { id: 'user_a', username: 'alice', email: 'Alice@acme.example', inTeam: true },
  { id: 'user_b', username: 'bob', email: 'bob@acme.example', inTeam: false },
]

/** Who is credited, or why nobody is; undefined: nobody was named. */
const table: [who: Attributing, sent: unknown, expected: string | undefined][] = [
  [team, undefined, undefined],
  [team, null, undefined],
  [team, {}, undefined],
  [team, { username: '', email: '' }, undefined],
  [team, { username: null, email: '' }, undefined],
  [team, { colour: 'red' }, undefined],
  [team, { username: 'alice' }, 'alice'],
  [team, { username: 'alice', email: '' }, 'alice'],
  [team, { email: 'ALICE@acme.EXAMPLE' }, 'alice'],
  [team, { username: 'alice@acme.example' }, 'alice'],
  [team, { username: 'alice@acme.example', email: 'alice@acme.example' }, 'alice'],
  [team, { username: 'alice', email: 'alice@acme.example' }, 'alice'],
  [team, { username: 'Alice' }, 'user_unknown'],
  [team, { username: 'alice ' }, 'user_unknown'],
  [team, { email: 'alice' }, 'user_unknown'],
  [team, { username: 'nobody' }, 'user_unknown'],
  [team, { username: 'nobody', email: 'nobody@acme.example' }, 'user_unknown'],
  [team, { username: 'bob' }, 'not_a_team_member'],
  [team, { email: 'bob@acme.example' }, 'not_a_team_member'],
  [team, { username: 'alice', email: 'bob@acme.example' }, 'username_and_email_differ'],
  [team, { username: 'alice', email: 'nobody@acme.example' }, 'username_and_email_differ'],
  [team, { username: 'nobody', email: 'alice@acme.example' }, 'username_and_email_differ'],
  [wide, { username: 'bob' }, 'bob'],
  [wide, { username: 'bob', email: 'bob@acme.example' }, 'bob'],
  [wide, { username: 'bob', email: 'alice@acme.example' }, 'username_and_email_differ'],
  [wide, { username: 'nobody' }, 'user_unknown'],
  [dora, { email: 'dora@ACME.example' }, undefined],
  [dora, { username: '', email: 'dora@acme.example' }, undefined],
  [dora, { username: 'dora' }, undefined],
  [dora, { username: 'alice' }, 'principal_is_user'],
  [dora, { username: 'alice', email: 'dora@acme.example' }, 'principal_is_user'],
  [dora, { username: 'nobody' }, 'principal_is_user'],
  [team, 'alice', 'attribution_malformed'],
  [team, ['alice'], 'attribution_malformed'],
  [team, 7, 'attribution_malformed'],
  [team, false, 'attribution_malformed'],
  [team, { username: 7 }, 'attribution_malformed'],
  [team, { username: 'alice', email: ['alice@acme.example'] }, 'attribution_malformed'],
  [dora, { email: {} }, 'attribution_malformed'],
]

describe('access/attribution', () => {
  for (const [who, sent, expected] of table)
    it(`${who.type === 'user' ? 'a user' : `an account of the ${who.scope}`} naming ${JSON.stringify(sent)}: ${expected ?? 'nobody'}`, () => {
      const { person, ignored } = attribute(who, namesIn(sent), people)
      expect(person?.username ?? ignored).to.equal(expected)
      expect(person !== undefined && ignored !== undefined).to.equal(false)
    })

  it('has a case for every fault', () => {
    const met = new Set(table.map(([, , expected]) => expected))
    for (const fault of attributionFaults) expect(met).to.include(fault)
  })
})
