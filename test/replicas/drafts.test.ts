/** A draft that is promoted at one replica grants at the other, and what it granted ends with it, wherever it is demoted. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type Postgres, sharedPostgres } from '../support/postgres.ts'
import { installing } from '../support/program.ts'
import { call, markedMasterKey, type Service, startService } from '../support/server.ts'
import { until } from '../support/stopwatch.ts'
import { askFor, createWorld, must, type World } from '../support/world.ts'

describe('drafts on two replicas', () => {
  let postgres: Postgres
  let provider: Provider
  let a: Service
  let b: Service
  let here: World
  const path = '/teams/ml/service-accounts/trainer/trust-policies'

  before(async function () {
    this.timeout(installing)
    postgres = await sharedPostgres()
    const env = {
      DATABASE_URL: await postgres.create(),
      MASTER_KEY: markedMasterKey,
      PUBLIC_URL: 'http://sts.example',
    }
    provider = await startProvider()
    ;[a, b] = await Promise.all([startService({ env }), startService({ env })])
    here = await createWorld(a, provider)
  })
  after(async () => {
    await Promise.all([a?.close(), b?.close(), provider?.close()])
  })

  const atB = (sub: string) => call(b, 'POST', '/oauth/token', { form: askFor('jwtBearer', here.token({ sub })) })
  const active = async (token: string) => {
    const form = { token }
    return (await must(call(b, 'POST', '/oauth/introspect', { form, secret: here.adminKey }))).active
  }

  it('is recorded there, replayed there, promoted there and demoted there', async () => {
    const { id } = await here.make(path, { issuer: 'ci', subject: 'shy', state: 'draft' })
    const refused = await atB('shy')
    expect(refused.body.reason).to.equal('no_account_matches')
    const [event] = await here.auditOf(refused.body.request_id)
    expect(event?.detail.would_have_granted).to.deep.equal([{ policy: id, service_account: 'ml/trainer' }])
    const replay = () => must(here.api('POST', `${path}/${id}/replay`, {}))
    expect((await replay()).counts).to.deep.include({ gain: 1, lose: 0 })

    await must(here.api('PATCH', `${path}/${id}`, { state: 'live' }))
    const granted = await atB('shy')
    expect(granted.status).to.equal(200)
    const token = String(granted.body.access_token)
    expect(await active(token)).to.equal(true)
    // What was just granted there is on record when it is asked for here.
    const without = await must(here.api('POST', `${path}/${id}/replay`, { delete: true }))
    expect(without.counts).to.deep.include({ gain: 0, lose: 2 })

    await must(here.api('PATCH', `${path}/${id}`, { state: 'draft' }))
    await until(async () => !(await active(token)), 1_000)
    expect((await atB('shy')).body.reason).to.equal('no_account_matches')
  })
})
