/** The only file that knows every room: what is plugged into what. */
import type { Logger } from 'pino'
import { createHolderOf, createRecognizeKey } from './accounts/recognize.ts'
import { createUsage } from './accounts/usage.ts'
import { createHousekeeping } from './admin/housekeeping.ts'
import { createFetchAllowance } from './admin/issuers.ts'
import { createPerform } from './admin/perform.ts'
import { tellOfRestore } from './admin/restored.ts'
import { createSetup, type Setup } from './admin/setup.ts'
import { createRecording } from './assembly/recording.ts'
import { createTrail } from './audit/trail.ts'
import { createAccess } from './exchange/access.ts'
import { createExchange } from './exchange/exchange.ts'
import { createGrantOf } from './exchange/grant.ts'
import { createIdentify } from './exchange/identify.ts'
import { createProve } from './exchange/prove.ts'
import { createRevoke } from './exchange/revoke.ts'
import { createUserInfo } from './exchange/userinfo.ts'
import { createWitness } from './exchange/witness.ts'
import { createApp } from './http/app.ts'
import { stateOf } from './http/health.ts'
import { createFetchKeys } from './issuers/discovery.ts'
import { createKeys } from './issuers/keys.ts'
import { createOutbound } from './issuers/outbound.ts'
import { createVerify } from './issuers/verify.ts'
import { createNewId } from './new-id.ts'
import type { Settings } from './settings.ts'
import { cachedLookups } from './shared-state/cached-lookups.ts'
import { createChanges } from './shared-state/changes.ts'
import { createFailures } from './shared-state/failures.ts'
import { createLocalKeySets } from './shared-state/key-sets.ts'
import { makeFolder } from './storage/make-folder.ts'
import { openStorage } from './storage/open.ts'
import type { Storage } from './storage/storage.ts'
import { openTelemetry } from './telemetry/open.ts'
import { createKeyring } from './tokens/keyring.ts'
import { masterKeyIn } from './tokens/master-key.ts'
import { createMint } from './tokens/mint.ts'
import { createMoments } from './tokens/moments.ts'
import { createReadOwn } from './tokens/own.ts'
import { createReplayGuard } from './tokens/replay.ts'
import { createRevocations } from './tokens/revocations.ts'
import { createSeal } from './tokens/seal.ts'
import { createStanding } from './tokens/standing.ts'

export type Phase = 'starting' | 'serving' | 'draining'
export type House = {
  app: (publicUrl: string) => ReturnType<typeof createApp>
  setup: Setup
  /** Serves the metrics, where they are wanted. */
  exposeMetrics: () => Promise<void>
  close: () => Promise<void>
}

/** Opens everything, migrates, makes what a first start needs. `phase` is read by readiness. `every`: ms, of housekeeping. */
export async function assemble(settings: Settings, log: Logger, phase: () => Phase, every?: number): Promise<House> {
  const storage = await openStorage({ url: settings.databaseUrl, dataDir: settings.dataDir, serving: true })
  try {
    return await furnish(storage, settings, log, phase, every)
  } catch (error) {
    // A start that fails must end: an open database would keep the process.
    await storage.close()
    throw error
  }
}

/** The database may lie elsewhere: the folder is not there by it. */
function ownMasterKey({ dataDir }: Settings): Buffer {
  makeFolder(dataDir)
  return masterKeyIn(dataDir)
}

async function furnish(
  storage: Storage,
  settings: Settings,
  log: Logger,
  phase: () => Phase,
  every?: number,
): Promise<House> {
  const now = () => Date.now()
  const { newUlid, newId } = createNewId(now)
  let url = settings.publicUrl ?? ''
  const publicUrl = () => url

  const { reading, writing } = storage
  const changes = createChanges()
  const lookups = cachedLookups(reading.lookups, changes, now)
  const telemetry = await openTelemetry({ settings, log })
  const { step } = telemetry
  const trail = telemetry.trail(createTrail({ store: writing.trail, newId }))
  const seal = createSeal(settings.masterKey ?? ownMasterKey(settings), settings.masterKeyPrevious)
  const moments = createMoments(now)
  const revocations = createRevocations({ reading: reading.revocations, now, moments })
  const keyring = createKeyring({
    reading: reading.signingKeys,
    seal,
    now,
    alg: settings.tokenAlg,
    days: settings.signingKeyDays,
  })
  const network = settings.issuerNetwork
  const outbound = createOutbound({ network })
  const report = (error: unknown) => log.error({ err: error }, 'in the background')
  const keys = createKeys({
    fetchKeys: telemetry.fetchKeys(createFetchKeys({ outbound, now })),
    clock: now,
    shared: createLocalKeySets({ clock: now }),
    report,
  })
  const failures = createFailures(settings.limitFailedPerMinute)
  const fetchAllowed = createFetchAllowance(createFailures(settings.limitIssuerFetchesPerMinute))
  const perform = createPerform({ storage, trail, revocations, changes, seal, now, newId })
  const { record, keep } = createRecording(trail, log)
  const touch = (keyId: string, at: number) => writing.lookups.touchKey(keyId, at).catch(report)
  const used = createUsage({ record, touch, now })
  const holderOf = createHolderOf({ lookups, now, used })
  const readOwn = createReadOwn({ find: keyring.find, issuer: publicUrl, revocations, now })

  const exchange = createExchange({
    step,
    witness: createWitness({ trail, failures, now, keep, step }),
    prove: createProve({
      step,
      verify: createVerify({ lookups, keys, clock: now }),
      lookups,
      recognizeKey: createRecognizeKey(holderOf),
    }),
    grantOf: createGrantOf({ lookups, publicUrl, now }),
    replay: createReplayGuard({ store: writing.replays, now }),
    standing: createStanding({ changes, revocations }),
    mint: createMint({ signing: keyring.signing, issuer: publicUrl, now, moments, ulid: newUlid }),
  })
  const { operatorKey } = settings
  const identify = createIdentify({
    operatorKey,
    holderOf,
    readOwn,
    lookups,
    members: reading.members,
    failures,
    publicUrl,
  })
  const setup = createSetup({ writing, reading, perform, now })

  const housekeeping = createHousekeeping({
    storage,
    keyring,
    revocations,
    moments,
    perform,
    now,
    newRequestId: () => newId('req'),
    report,
    every,
  })
  await revocations.load()
  await housekeeping.run()
  await keyring.load()
  await tellOfRestore({ storage, trail, newId, now, warn: (facts, says) => log.warn(facts, says) })
  housekeeping.start()

  const dependencies = async () => ({ database: { state: await stateOf(storage.ping()) } })
  return {
    setup,
    exposeMetrics: () => telemetry.listen({ phase, dependencies, issuers: keys.states }),
    app(servedAt) {
      url = settings.publicUrl ?? servedAt
      const rooms = { reading, perform, keys, network, keyring, fetchAllowed, publicUrl, now }
      return createApp({
        rooms,
        exchange: telemetry.exchange(exchange),
        answered: telemetry.answered,
        identify,
        revoke: createRevoke({ perform, readOwn, lookups }),
        userInfo: createUserInfo(lookups),
        ...createAccess({ readOwn, lookups, used, publicUrl, now }),
        mostEvaluations: settings.limitEvaluationsPerRequest,
        setup,
        health: { phase, dependencies },
        log,
        trustProxy: settings.trustProxy,
        publicUrl,
        requestId: () => newId('req'),
      })
    },
    async close() {
      await telemetry.close()
      await housekeeping.stop()
      keys.close()
      await trail.flush()
      await outbound.close()
      await storage.close()
    },
  }
}
