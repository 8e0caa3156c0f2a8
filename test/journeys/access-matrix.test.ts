/**
 * The matrix of test/vectors/access.json again, from outside: every row that can be had over HTTP, of real accounts, users,
 * projects and tokens. What cannot: a token that is wider than its bearer was ever allowed.
 */
import { expect } from 'chai'
import { type AccountRow, accessVectors, type UserRow } from '../support/access-vectors.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type Evaluated, questionOf, type ResourceServer, resourceServer } from '../support/resource-server.ts'
import { type Service, startService } from '../support/server.ts'
import { createWorld, must, type World } from '../support/world.ts'

type Row = AccountRow | UserRow
/** `tokens`: by scope. */
type Someone = { id: string; type: 'service_account' | 'user'; tokens: Record<string, string> }

const roles = ['none', 'viewer', 'editor', 'admin'] as const
const visibilities = ['team', 'restricted', 'open', 'public'] as const
const scopes = ['projects:read', 'projects:write', 'projects:read projects:write']
const atOnce = 500

describe('journey: the matrix of what may be reached', () => {
  let provider: Provider
  let service: Service
  let world: World
  let server: ResourceServer
  const accounts = new Map<string, Someone>()
  const users = new Map<string, Someone>()
  const keyOf = (...parts: readonly unknown[]) => parts.join(' ')

  before(async function () {
    this.timeout(120_000)
    provider = await startProvider()
    service = await startService()
    // Its team "ml" is everybody's own one, and "ops" the other.
    world = await createWorld(service, provider)
    server = await resourceServer(world, 'tracker')
    await world.make('/teams', { name: 'ops' })
    for (const access of ['read', 'write'])
      for (const enabled of [true, false]) {
        const more = { access: 'write' }
        const name = `x-${access}-${enabled ? 'on' : 'off'}`
        const wide = await world.make('/service-accounts', { name, default_team: 'ml', ...more })
        accounts.set(keyOf('organization', 'api_key', access, enabled), await withKey(wide))
        const own = await world.make(world.accounts, { name, method: 'api_key', ...more })
        accounts.set(keyOf('team', 'api_key', access, enabled), await withKey(own))
        const federated = await world.external(`${name}-f`, name, more)
        accounts.set(keyOf('team', 'federated', access, enabled), await withToken(federated.id, name))
      }
    for (const orgRole of ['admin', 'member', 'viewer'])
      for (const teamRole of ['none', 'viewer', 'member', 'admin']) {
        const name = `${orgRole}-${teamRole}`
        const { id } = await world.make('/users', { username: name, email: `${name}@acme.example`, role: orgRole })
        if (teamRole !== 'none') await must(world.api('PUT', `/teams/ml/members/${name}`, { role: teamRole }))
        const { secret } = await world.make(`/users/${name}/keys`, {})
        users.set(keyOf(orgRole, teamRole), await someone('user', id, String(secret)))
      }
    for (const team of ['ml', 'ops'])
      for (const role of roles) {
        for (const visibility of visibilities) await project(team, `${visibility}-${role}`, visibility, role)
        await project(team, `deleted-${role}`, 'restricted', role)
        await must(world.api('DELETE', `/teams/${team}/projects/deleted-${role}`))
      }
    // Only now: tokens were to be had before.
    for (const [key, { id }] of accounts) {
      const [, , access, enabled] = key.split(' ')
      await must(world.api('PATCH', `/service-accounts/${id}`, { access, enabled: enabled === 'true' }))
    }
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  /** Whatever wide token is refused is not had. */
  async function someone(type: Someone['type'], id: string, key: string): Promise<Someone> {
    const tokens: Record<string, string> = {}
    for (const scope of scopes) {
      const { status, body } = await world.post({ grant_type: 'client_credentials', client_secret: key, scope })
      if (status === 200) tokens[scope] = String(body.access_token)
    }
    return { type, id, tokens }
  }
  const withKey = ({ id, api_key }: { id: string; api_key?: unknown }) =>
    someone('service_account', id, String(api_key))
  async function withToken(id: string, sub: string): Promise<Someone> {
    const tokens: Record<string, string> = {}
    for (const scope of scopes) tokens[scope] = await world.granted(world.token({ sub }), { scope })
    return { type: 'service_account', id, tokens }
  }

  /** Everybody gets the role while it is open to all: an account of another team would be refused later. */
  async function project(team: string, name: string, visibility: string, role: string): Promise<void> {
    const path = `/teams/${team}/projects`
    await world.make(path, { name, visibility: 'open' })
    if (role !== 'none')
      for (const { id } of [...accounts.values(), ...users.values()])
        await must(world.api('PUT', `${path}/${name}/members/${id}`, { role }))
    await must(world.api('PATCH', `${path}/${name}`, { visibility }))
  }

  /** The question of a row; undefined when there is no such token. */
  function questionFor(row: Row, who: Someone | undefined, team: string) {
    if (!who) throw new Error(`nobody stands for ${JSON.stringify(row)}`)
    const named = row.project === 'missing' ? 'missing' : `${row.project}-${row.projectRole}`
    if (row.tokenScope === null) return questionOf({ type: who.type, id: who.id }, row.action, `${team}/${named}`)
    const token = who.tokens[row.tokenScope]
    return token === undefined ? undefined : questionOf(token, row.action, `${team}/${named}`)
  }

  async function answers(questions: readonly object[]): Promise<Evaluated[]> {
    const all: Evaluated[] = []
    for (let i = 0; i < questions.length; i += atOnce) {
      const body = await must(server.post('/access/v1/evaluations', { evaluations: questions.slice(i, i + atOnce) }))
      all.push(...(body.evaluations as Evaluated[]))
    }
    return all
  }

  it('service accounts: each row', async function () {
    this.timeout(180_000)
    const rows = accessVectors.accounts
    const questions = rows.map((row) => {
      const { scope, method, access, enabled, team } = row
      return questionFor(row, accounts.get(keyOf(scope, method, access, enabled)), team === 'own' ? 'ml' : 'ops')
    })
    expect(questions.filter((question) => !question)).to.have.length(0)
    const got = await answers(questions as object[])
    expect(got).to.have.length(rows.length)
    const wrong = rows.flatMap((row, i) => {
      const { decision, context } = got[i] as Evaluated
      // The tokens of a disabled account are nobody's.
      const reason = !row.enabled && row.tokenScope !== null ? 'token_inactive' : row.reason
      return decision === row.decision && context.reason === reason ? [] : [{ row, decision, context }]
    })
    expect(wrong).to.deep.equal([])
  })

  it('users: each row', async function () {
    this.timeout(180_000)
    const rows = accessVectors.users.flatMap((row) => {
      const question = questionFor(row, users.get(keyOf(row.orgRole, row.teamRole)), 'ml')
      return question ? [{ row, question }] : []
    })
    // A viewer of the organization gets no token for writing.
    const wide = (scope: string | null) => scope?.includes('write') === true
    const unheard = accessVectors.users.filter(({ orgRole, tokenScope }) => orgRole === 'viewer' && wide(tokenScope))
    expect(rows).to.have.length(accessVectors.users.length - unheard.length)
    const got = await answers(rows.map(({ question }) => question))
    const wrong = rows.flatMap(({ row }, i) => {
      const { decision, context } = got[i] as Evaluated
      return decision === row.decision && context.reason === row.reason ? [] : [{ row, decision, context }]
    })
    expect(wrong).to.deep.equal([])
  })
})
