/** A key's use is put on record before its bearer is answered for; what changes during that wait counts. */
import { expect } from 'chai'
import type { Caller } from '../../../src/server/access/authority.ts'
import { createAdmit } from '../../../src/server/exchange/admit.ts'
import type { Bearer, BearerOf } from '../../../src/server/exchange/bearer.ts'
import { createEvaluateFor } from '../../../src/server/exchange/evaluate.ts'
import { createIntrospect } from '../../../src/server/exchange/introspect.ts'
import { accountOf, keyOf, resourceServerOf, teamOf } from '../../support/nouns.ts'
import { reasonOf } from '../../support/refused.ts'

const team = teamOf('org_acme')
const account = accountOf(team, 'robot', { method: 'api_key' })
const audience = 'https://id.example'
const holder = { key: keyOf('org_acme', 'service_account', account.id, 'd'), org: 'acme' }
const bearer: Bearer = {
  who: { type: 'service_account', org: 'acme', account, team: 'ml' },
  scope: 'projects:read projects:write',
  audience,
  holder,
}
const { id, name, orgId } = resourceServerOf('org_acme')
const caller: Caller = { type: 'resource_server', id, name, orgId, org: 'acme', audience: 'https://api.example' }
const origin = { requestId: 'req_1', client: { ip: '203.0.113.7', user_agent: '' } }

describe('exchange: while the use of a key is put on record', () => {
  let live: boolean
  let uses: number
  const bearerOf: BearerOf = async () => (live ? bearer : undefined)
  /** The first use in an hour is waited for; meanwhile the key is deleted. */
  const used = () => {
    uses += 1
    if (uses > 1) return undefined
    return Promise.resolve().then(() => {
      live = false
    })
  }
  const decide = async () =>
    ({ decision: true, reason: 'team_account', project: 'ml/vision', teamId: team.id }) as const
  const needs = { bearerOf, used, decide, publicUrl: () => audience }
  beforeEach(() => {
    live = true
    uses = 0
  })

  it('introspection answers for what is then', async () => {
    expect(await createIntrospect(needs)('csk', caller, origin)).to.deep.equal({ active: false })
  })

  it('so does evaluation', async () => {
    const nobody = async () => undefined
    const lookups = { account: nobody, user: nobody, usersNamed: async () => [], teamRoles: async () => [] }
    const evaluate = createEvaluateFor({ ...needs, lookups })(caller, origin)
    const question = {
      subject: { type: 'token', id: 'csk' },
      action: { name: 'read' },
      resource: { type: 'project', id: 'vision' },
    }
    expect(await evaluate(question)).to.deep.equal({ decision: false, context: { reason: 'token_inactive' } })
  })

  it('so does forward auth', async () => {
    expect(await reasonOf(createAdmit(needs)('csk', { project: 'vision' }, origin))).to.equal('unauthenticated')
  })

  it('and nobody waits twice', async () => {
    uses = 1
    expect(await createIntrospect(needs)('csk', caller, origin)).to.include({ active: true, name: 'robot' })
    expect(uses).to.equal(2)
  })
})
