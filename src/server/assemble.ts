/** The only file that knows every room: what is plugged into what. */
import type { Logger } from 'pino'
import { createHolderOf } from './accounts/recognize.ts'
import { createHousekeeping } from './admin/housekeeping.ts'
import { createPerform } from './admin/perform.ts'
import { createClock } from './assembly/clock.ts'
import { createExchanging } from './assembly/exchanging.ts'
import { createIssuerKeys } from './assembly/issuer-keys.ts'
import { ownSeal } from './assembly/own-seal.ts'
import { readyPolicies } from './assembly/policies.ts'
import { ownDpop } from './assembly/possession.ts'
import { replaying } from './assembly/replaying.ts'
import { createReplicas, reachAmongReplicas } from './assembly/replicas.ts'
import { createScanning } from './assembly/scanning.ts'
import { openSharedMemory } from './assembly/shared-memory.ts'
import { createSigningIn, type SigningIn } from './assembly/signing-in.ts'
import { tellAtStart } from './assembly/told-at-start.ts'
import { createUses } from './assembly/uses.ts'
import { createRetention } from './audit/retention.ts'
import { createTrail } from './audit/trail.ts'
import { createAccess } from './exchange/access.ts'
import { createCallers } from './exchange/callers.ts'
import { createIdentify } from './exchange/identify.ts'
import { createFindOwn, createRevoke } from './exchange/revoke.ts'
import { createUserInfo } from './exchange/userinfo.ts'
import { createApp } from './http/app.ts'
import { stateOf } from './http/health.ts'
import { metricsServer } from './http/metrics-server.ts'
import { createNewId } from './new-id.ts'
import { loadPresets } from './presets.ts'
import type { Settings } from './settings.ts'
import { cachedLookups } from './shared-state/cached-lookups.ts'
import { createChanges } from './shared-state/changes.ts'
import { openStorage } from './storage/open.ts'
import type { Storage } from './storage/storage.ts'
import { openTelemetry } from './telemetry/open.ts'
import { createKeyring } from './tokens/keyring.ts'
import { createMoments } from './tokens/moments.ts'
import { createReadOwn } from './tokens/own.ts'
import { createRevocations } from './tokens/revocations.ts'

export type Phase = 'starting' | 'serving' | 'draining'
export type House = {
  app: (publicUrl: string) => ReturnType<typeof createApp>
  setup: SigningIn['setup']
  /** Serves the metrics, where they are wanted. */
  exposeMetrics: () => Promise<void>
  close: () => Promise<void>
}

/** Opens everything, migrates, makes what a first start needs. `phase` is read by readiness. `every`: ms, of housekeeping. */
export async function assemble(settings: Settings, log: Logger, phase: () => Phase, every?: number): Promise<House> {
  const { databaseUrl: url, dataDir, databasePoolSize: poolSize } = settings
  const storage = await openStorage({ url, dataDir, poolSize, serving: true })
  try {
    return await furnish(storage, settings, log, phase, every)
  } catch (error) {
    // A start that fails must end: an open database would keep the process.
    await storage.close()
    throw error
  }
}

async function furnish(
  storage: Storage,
  settings: Settings,
  log: Logger,
  phase: () => Phase,
  every?: number,
): Promise<House> {
  const presets = loadPresets()
  const clock = createClock({ storage, log })
  const { now } = clock
  const { newUlid, newId } = createNewId(now)
  let url = settings.publicUrl ?? ''
  const publicUrl = () => url
  const { writing } = storage
  const isShared = storage.sealing !== undefined
  const changes = createChanges()
  const lookups = cachedLookups(storage.reading.lookups, readyPolicies(log), changes, now)
  const telemetry = await openTelemetry({ settings, log, serve: metricsServer(log) })
  const heard = (heads: ReadonlyMap<string, number>) => replicas?.heard(heads)
  const trail = telemetry.trail(createTrail({ store: writing.trail, newId, now, heard }))
  const seal = ownSeal(settings)
  const report = (error: unknown) => log.error({ err: error }, 'in the background')
  const memory = await openSharedMemory({ settings, seal, now, report })
  const moments = createMoments(now, !isShared)
  const reach = isShared ? reachAmongReplicas : 0
  const revocations = createRevocations({ reading: storage.reading.revocations, now, moments, reach })
  const { tokenAlg: alg, signingKeyDays: days } = settings
  const keyring = createKeyring({ reading: storage.reading.signingKeys, seal, now, alg, days })
  const fetching = createIssuerKeys({ settings, telemetry, storage, memory, now, report })
  const { keys, outbound, issuers } = fetching
  const replicas = createReplicas({ settings, storage, changes, revocations, keyring, keys, memory, now, report })
  const reading = replicas ? { ...storage.reading, trail: replicas.trail } : storage.reading
  const retention = createRetention({ storage, reading: reading.trail, trail, settings, now, newId, report })
  const failures = memory.failures('checks', settings.limitFailedPerMinute)
  const { announce, answers } = memory
  const performing = { storage, trail, revocations, changes, announce, seal, now, newId }
  const perform = createPerform({ ...performing, ...(answers ? { answers } : {}) })
  const { record, keep, used, usedAccount, tellUses } = createUses({ trail, writing, log, now, report })
  const holderOf = createHolderOf({ lookups, now, used })
  const readOwn = createReadOwn({ find: keyring.find, issuer: publicUrl, revocations, now })

  const replays = memory.claims(writing.replays)
  const dpop = ownDpop(settings, replays, now)
  const known = { lookups, keys, holderOf, trail, keep, usedAccount, failures, changes, revocations, replicas }
  const minting = { dpop, keyring, moments, publicUrl, now, ulid: newUlid, step: telemetry.step }
  const { exchange, explain } = createExchanging({ ...known, ...minting, replays, reading, log })
  const callers = createCallers({ lookups, members: reading.members })
  const identify = createIdentify({ ...known, ...minting, operatorKey: settings.operatorKey, readOwn, callers })
  const findOwn = createFindOwn({ readOwn, lookups })
  const signing = { ...known, ...minting, settings, storage, reading, perform, callers, seal, report, record, log }
  const signingIn = createSigningIn(signing)
  const trying = { explain, ...replaying({ storage, trail: reading.trail, presets, log, now }) }

  const housekeeping = createHousekeeping({
    storage,
    keyring,
    revocations,
    moments: isShared ? undefined : moments,
    perform,
    now,
    newRequestId: () => newId('req'),
    report,
    every,
  })
  await clock.start()
  await revocations.load()
  await housekeeping.run()
  await keyring.load()
  await replicas?.load()
  await tellAtStart({ storage, perform, trail, network: issuers.network, newId, now, log })
  replicas?.start()
  housekeeping.start()
  retention.start()

  const dependencies = async () => {
    const [database, redis] = await Promise.all([stateOf(storage.ping()), memory.state?.()])
    return { database: { state: database }, ...(redis ? { redis: { state: redis } } : {}) }
  }
  return {
    setup: signingIn.setup,
    exposeMetrics: () => telemetry.listen({ phase, dependencies, issuers: keys.states }),
    app(servedAt) {
      url = settings.publicUrl ?? servedAt
      const telling = { publicUrl, now, mostChanges: settings.limitChangesPerApply }
      const rooms = { reading, perform, presets, keyring, ...issuers, ...trying, ...telling }
      return createApp({
        rooms,
        exchange: telemetry.exchange(exchange),
        answered: telemetry.answered,
        identify,
        dpop,
        revoke: createRevoke({ perform, findOwn }),
        scanning: createScanning({ settings, outbound, perform, findOwn, failures, now }),
        userInfo: createUserInfo(lookups),
        ...createAccess({ readOwn, lookups, used, publicUrl, now }),
        mostEvaluations: settings.limitEvaluationsPerRequest,
        ...signingIn,
        health: { phase, dependencies },
        log,
        trustProxy: settings.trustProxy,
        publicUrl,
        requestId: () => newId('req'),
      })
    },
    async close() {
      clock.close()
      await telemetry.close()
      await housekeeping.stop()
      await retention.stop()
      await fetching.close()
      await trail.flush()
      await tellUses()
      await replicas?.close()
      await memory.close()
      await outbound.close()
      await storage.close()
    },
  }
}
