/** A deed that revokes and then fails: nothing is revoked, nothing on record, and whoever waited for it is granted. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { grantTypes, type TokenResponse } from '../../../src/protocol/oauth.ts'
import { digestOf, formatApiKey } from '../../../src/server/accounts/api-key.ts'
import type { ServiceAccount, Team } from '../../../src/server/accounts/model.ts'
import { createHolderOf, createRecognizeKey } from '../../../src/server/accounts/recognize.ts'
import { createUsage } from '../../../src/server/accounts/usage.ts'
import { createPerform, type Perform, type Work } from '../../../src/server/admin/perform.ts'
import { Refusal, StorageUnavailable } from '../../../src/server/errors/refusal.ts'
import { createExchange } from '../../../src/server/exchange/exchange.ts'
import { createGrantOf } from '../../../src/server/exchange/grant.ts'
import { createProve } from '../../../src/server/exchange/prove.ts'
import { createWitness } from '../../../src/server/exchange/witness.ts'
import { createNewId } from '../../../src/server/new-id.ts'
import { createChanges } from '../../../src/server/shared-state/changes.ts'
import { createFailures } from '../../../src/server/shared-state/failures.ts'
import { openStorage } from '../../../src/server/storage/open.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import { createDpop } from '../../../src/server/tokens/dpop.ts'
import { createKeyring } from '../../../src/server/tokens/keyring.ts'
import { createMint } from '../../../src/server/tokens/mint.ts'
import { createMoments } from '../../../src/server/tokens/moments.ts'
import { createNonces } from '../../../src/server/tokens/nonce.ts'
import { createReadOwn, type ReadOwn } from '../../../src/server/tokens/own.ts'
import { createReplayGuard } from '../../../src/server/tokens/replay.ts'
import { createRevocations, type Revocations } from '../../../src/server/tokens/revocations.ts'
import { createSeal } from '../../../src/server/tokens/seal.ts'
import { createStanding } from '../../../src/server/tokens/standing.ts'
import { narrowing } from '../../../src/server/trust/narrow.ts'
import { accountOf, keyOf, noon, organization, teamOf } from '../../support/nouns.ts'
import { reasonOf } from '../../support/refused.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { trailOf } from '../../support/trails.ts'

const issuer = 'https://id.example'
const client = { ip: '203.0.113.7', user_agent: 'curl/8' }
const context = { requestId: 'req_deed', client, actor: { type: 'operator' as const, name: 'operator' } }

describe('admin/perform', () => {
  const dir = tempDir()
  const org = organization()
  let storage: Storage
  /** The one that writes. */
  let thread: Worker
  let team: Team
  let account: ServiceAccount
  let revocations: Revocations
  let perform: Perform
  /** Over a storage that does what it is told, and whose answer never arrives. */
  let unanswered: Perform
  let readOwn: ReadOwn
  let exchange: () => Promise<TokenResponse>

  beforeEach(async () => {
    process.once('worker', (started) => {
      thread = started
    })
    storage = await openStorage({ dataDir: dir(), busyTimeoutMs: 10 })
    const { reading, writing } = storage
    const secret = formatApiKey(randomBytes(32))
    team = teamOf(org.id)
    account = accountOf(team, 'robot', { method: 'api_key' })
    await writing.organizations.insert(org)
    await writing.teams.insert(team)
    await writing.serviceAccounts.insert(account)
    await writing.keys.insert(keyOf(org.id, 'service_account', account.id, digestOf(secret)))

    const now = () => noon
    const publicUrl = () => issuer
    const { newId, newUlid } = createNewId(now)
    const { lookups } = reading
    const seal = createSeal(randomBytes(32))
    const trail = trailOf(storage)
    const moments = createMoments(now)
    const changes = createChanges()
    const keyring = createKeyring({ reading: reading.signingKeys, seal, now, alg: 'ES256', days: 30 })
    await storage.transaction(({ signingKeys }) => keyring.tend(signingKeys))
    await keyring.load()
    revocations = createRevocations({ reading: reading.revocations, now, moments })
    perform = createPerform({ storage, trail, revocations, changes, seal, now, newId })
    const losing: Storage['transaction'] = async (work) => {
      await storage.transaction(work)
      throw new StorageUnavailable(new Error('the answer was lost'))
    }
    const rooms = { trail, revocations, changes, seal, now, newId }
    unanswered = createPerform({ storage: { transaction: losing }, ...rooms })
    readOwn = createReadOwn({ find: keyring.find, issuer: publicUrl, revocations, now })
    const record = (deed: Parameters<typeof trail.append>[0]) => trail.append(deed).then(() => undefined)
    const used = createUsage({ record, touch: writing.lookups.touchKey, now })
    const verify = async () => {
      throw new Error('nobody shows a subject token here')
    }
    const nonces = createNonces({ masterKey: Buffer.alloc(32), now })
    const dpop = createDpop({ nonces, store: writing.replays, now })
    const exchanging = createExchange({
      witness: createWitness({ trail, failures: createFailures(0), now, keep: trail.later }),
      prove: createProve({
        verify,
        lookups: { ...lookups, candidates: async () => narrowing([]) },
        recognizeKey: createRecognizeKey(createHolderOf({ lookups, now, used })),
        now,
        stopwatch: now,
      }),
      grantOf: createGrantOf({ lookups, dpop, publicUrl, now }),
      dpop,
      replay: createReplayGuard({ store: writing.replays, now }),
      standing: createStanding({ changes, revocations }),
      mint: createMint({ signing: keyring.signing, issuer: publicUrl, now, moments, ulid: newUlid }),
    })
    const parameters = Object.entries({ grant_type: grantTypes.clientCredentials, client_secret: secret })
    exchange = () => exchanging(() => ({ parameters }), { requestId: newId('req'), client })
  })
  afterEach(() => storage.close())

  const lives = ({ access_token }: TokenResponse) => readOwn(access_token) !== undefined
  const deeds = () => storage.reading.trail.list({ orgId: org.id, order: 'oldest', requestId: 'req_deed', limit: 9 })
  /** What every deed below begins with. */
  const revoke = async (work: Work) => {
    await work.revoke([account.id])
    await work.record('service_account.revoke', { org }, { type: 'service_account', id: account.id })
  }

  it('revokes: what was granted before is dead, what is granted after lives', async () => {
    const before = await exchange()
    let meanwhile: Promise<TokenResponse> | undefined
    await perform(context, async (work) => {
      await revoke(work)
      meanwhile = exchange()
      return {}
    })
    expect(lives(before)).to.equal(false)
    expect(revocations.closing([account.id])).to.equal(undefined)
    expect(lives((await meanwhile) as TokenResponse), 'asked for meanwhile').to.equal(true)
    expect(lives(await exchange())).to.equal(true)
    expect(await deeds()).to.have.length(1)
  })

  const failures: [what: string, fail: (work: Work) => Promise<unknown>, reason: string][] = [
    ['takes a name that is taken', ({ stores }) => stores.teams.insert(teamOf(org.id)), 'name_taken'],
    [
      'is refused at its end',
      async ({ stores }) => {
        // The default team of an account: that it is still needed shows at the commit.
        await stores.serviceAccounts.insert(accountOf(team, 'wide', { teamId: null, defaultTeamId: team.id }))
        await stores.teams.remove(team.id)
      },
      'in_use',
    ],
    [
      'is given up',
      async () => {
        throw new Refusal('forbidden')
      },
      'forbidden',
    ],
    ['loses the thread that writes', () => thread.terminate(), 'storage_unavailable'],
    ['revokes what cannot be kept', (work) => work.revoke([account.id, null as unknown as string]), 'bug'],
  ]
  for (const [what, fail, reason] of failures) {
    it(`opens what it closed when a deed ${what}: the next exchange is granted, and so is the one that waited`, async () => {
      const before = await exchange()
      let meanwhile: Promise<TokenResponse> | undefined
      const deed = perform(context, async (work) => {
        await revoke(work)
        expect(revocations.closing([account.id])).to.be.instanceOf(Promise)
        // Its record waits for a turn, and so for the end of this transaction, if it gets that far.
        meanwhile = exchange()
        await fail(work)
        return {}
      })
      expect(await reasonOf(deed).catch(() => 'bug')).to.equal(reason)
      expect(revocations.closing([account.id])).to.equal(undefined)
      expect(lives((await meanwhile) as TokenResponse), 'asked for meanwhile').to.equal(true)
      expect(lives(await exchange())).to.equal(true)
      expect(lives(before), 'granted before').to.equal(true)
      expect(await deeds()).to.deep.equal([])
      expect(await storage.reading.revocations.all(0)).to.deep.equal([])
    })
  }

  it('knows what it revoked when the database has it, though the answer was lost', async () => {
    const before = await exchange()
    const deed = unanswered(context, async (work) => {
      await revoke(work)
      return {}
    })
    expect(await reasonOf(deed)).to.equal('storage_unavailable')
    expect(await storage.reading.revocations.all(0)).to.have.length(1)
    expect(lives(before)).to.equal(false)
    expect(lives(await exchange())).to.equal(true)
  })

  it('does nothing while another process keeps the database to itself, and closes nothing', async () => {
    const before = await exchange()
    const other = new DatabaseSync(join(dir(), 'countersign.db'))
    other.exec('BEGIN IMMEDIATE')
    const deed = perform(context, async (work) => {
      await revoke(work)
      return {}
    })
    expect(await reasonOf(deed)).to.equal('storage_unavailable')
    other.close()
    expect(revocations.closing([account.id])).to.equal(undefined)
    expect([lives(before), lives(await exchange())]).to.deep.equal([true, true])
  })
})
