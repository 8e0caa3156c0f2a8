/** A long trail is replayed within seconds, while everybody else is answered as ever; and not by many at once. */
import { expect } from 'chai'
import { link } from '../../src/server/audit/chain.ts'
import type { Deed } from '../../src/server/audit/event.ts'
import type { Entry, Head } from '../../src/server/audit/store.ts'
import { openStorage } from '../../src/server/storage/open.ts'
import { describeEmbedded } from '../support/embedded.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { newId } from '../support/nouns.ts'
import { call, type Service, startService } from '../support/server.ts'
import { createWorld, type World } from '../support/world.ts'

const exchanges = 12_000
const subjects = 3_000
const batch = 1_000

describeEmbedded('journey: replaying a long trail', () => {
  let provider: Provider
  let service: Service
  let world: World

  before(async function () {
    this.timeout(120_000)
    provider = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
    await service.stop()
    await fill(service.dataDir)
    service = await startService({ dataDir: service.dataDir })
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  /** So many refusals of the last days, in the organization's own chain. */
  async function fill(dataDir: string): Promise<void> {
    const storage = await openStorage({ dataDir })
    const orgId = String((await storage.reading.organizations.find({}, 'acme'))?.id)
    let end = (await storage.reading.trail.heads([orgId])).get(orgId) as Head
    for (let made = 0; made < exchanges; made += batch) {
      const from = end
      const entries: Entry[] = []
      for (let i = made; i < made + batch; i++) {
        const { entry } = link(refusal(orgId, i), newId('evt'), end)
        entries.push(entry)
        end = { seq: entry.seq, hash: entry.hash }
      }
      await storage.writing.trail.append(entries, [{ orgId, from, to: end }])
    }
    await storage.close()
  }

  function refusal(orgId: string, i: number): Deed {
    const sub = `repo:acme/app-${i % subjects}:ref:refs/heads/main`
    const iat = 1_790_000_000 + i
    return {
      at: Date.now(),
      type: 'token.exchange',
      result: 'refused',
      reason: 'no_account_matches',
      request_id: newId('req'),
      orgId,
      org: 'acme',
      actor: { type: 'workload', name: sub },
      client: { ip: '127.0.0.1', user_agent: '' },
      detail: {
        audience: world.audience,
        claims: {
          ...{ aud: world.audience, exp: iat + 300, iat, iss: provider.issuer, jti: `jti-${i}`, sub },
          ...{ actor: 'alice', event_name: 'push', ref: 'refs/heads/main', repository: `acme/app-${i % subjects}` },
          ...{ repository_id: `${i % subjects}`, repository_owner_id: '1', run_id: `${i}`, workflow: 'train' },
        },
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        header: { alg: 'RS256', kid: 'one', typ: 'JWT' },
        issuer: provider.issuer,
        message: 'the subject token is genuine, but stands for no service account here',
        subject: sub,
        trials: [],
      },
    }
  }

  const replay = (json: object) =>
    call(service, 'POST', `${world.path}/teams/ml/service-accounts/trainer/trust-policies/replay`, {
      secret: world.adminKey,
      json,
    })
  const wide = { issuer: 'ci', subject: 'repo:acme/*', match: 'glob' }

  it('counts all of it, lists a hundred of its subjects, and keeps nobody waiting', async () => {
    let answered = 0
    let over = false
    const others = (async () => {
      while (!over) {
        await fetch(`${service.url}/livez`)
        if (!over) answered += 1
      }
    })()
    const { status, body } = await replay({
      ...wide,
      conditions: [{ claim: 'repository_owner_id', op: 'equals', value: '1' }],
    })
    over = true
    await others
    expect(status).to.equal(200)
    expect(body).to.deep.include({ exchanges, truncated: false, more: true })
    expect(body.counts).to.deep.include({ gain: exchanges, lose: 0, ambiguous: 0, unknown: 0 })
    expect(body.gain).to.have.length(100)
    // A hundred pages: somebody else has a turn behind each.
    expect(answered).to.be.at.least(20)
  })

  it('runs two at once for an organization, and tells the third when to try again', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => replay(wide)))
    const refused = answers.filter(({ status }) => status === 429)
    expect(answers.filter(({ status }) => status === 200)).to.have.length(2)
    expect(refused).to.have.length(3)
    for (const { headers, body } of refused) {
      expect(body.reason).to.equal('too_many_replays')
      expect(headers.get('retry-after')).to.equal('5')
    }
    expect((await replay(wide)).status).to.equal(200)
  })
})
