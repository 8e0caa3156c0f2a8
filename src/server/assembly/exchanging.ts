/** The exchange, and what explains it, put together from its rooms. */
import type { Logger } from 'pino'
import type { Changes } from '../accounts/changes.ts'
import type { Failures } from '../accounts/failures.ts'
import { createRecognizeKey, type HolderOf } from '../accounts/recognize.ts'
import type { AllLookups } from '../admin/store.ts'
import type { Deed } from '../audit/event.ts'
import type { Trail } from '../audit/trail.ts'
import { createExchange, type Exchange } from '../exchange/exchange.ts'
import type { Explain } from '../exchange/explain-request.ts'
import { createGrantOf } from '../exchange/grant.ts'
import { createProve } from '../exchange/prove.ts'
import type { Step } from '../exchange/step.ts'
import { createWitness } from '../exchange/witness.ts'
import type { Keys } from '../issuers/keys.ts'
import { createVerify } from '../issuers/verify.ts'
import type { Storage } from '../storage/storage.ts'
import type { Dpop } from '../tokens/dpop.ts'
import type { Keyring } from '../tokens/keyring.ts'
import { createMint } from '../tokens/mint.ts'
import type { Moments } from '../tokens/moments.ts'
import { createReplayGuard } from '../tokens/replay.ts'
import type { Revocations } from '../tokens/revocations.ts'
import { createStanding } from '../tokens/standing.ts'
import type { ReplayStore } from '../tokens/store.ts'
import { createExplaining } from './explaining.ts'
import type { Replicas } from './replicas.ts'

type Needs = {
  lookups: AllLookups
  keys: Keys
  holderOf: HolderOf
  trail: Trail
  keep: (deed: Deed) => void
  usedAccount: (accountId: string, now: number) => void
  failures: Failures
  replays: ReplayStore
  dpop: Dpop
  changes: Changes
  revocations: Revocations
  replicas: Replicas | undefined
  keyring: Keyring
  moments: Moments
  publicUrl: () => string
  now: () => number
  ulid: (ms: number) => string
  step: Step
  reading: Storage['reading']
  log: Logger
}

export function createExchanging(needs: Needs): { exchange: Exchange; explain: Explain } {
  const { lookups, keys, holderOf, trail, keep, usedAccount, failures, replays, changes, revocations, replicas } = needs
  const { dpop, keyring, moments, publicUrl, now, ulid, step } = needs
  const replay = createReplayGuard({ store: replays, now })
  const standing = createStanding({ changes, revocations, ...(replicas ? { shared: replicas.watch } : {}) })
  const explain = createExplaining({ ...needs, replay, standing })
  const exchange = createExchange({
    step,
    witness: createWitness({ trail, failures, now, keep, usedAccount, step }),
    prove: createProve({
      step,
      verify: createVerify({ lookups, keys, clock: now }),
      lookups,
      recognizeKey: createRecognizeKey(holderOf),
      now,
      stopwatch: () => performance.now(),
    }),
    grantOf: createGrantOf({ lookups, dpop, publicUrl, now }),
    dpop,
    replay,
    standing,
    mint: createMint({
      signing: keyring.signing,
      issuer: publicUrl,
      now,
      moments,
      after: revocations.after,
      ulid,
    }),
  })
  return { exchange, explain }
}
