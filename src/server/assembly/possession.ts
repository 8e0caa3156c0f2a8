import type { Settings } from '../settings.ts'
import { createDpop, type Dpop } from '../tokens/dpop.ts'
import { createNonces } from '../tokens/nonce.ts'
import type { ReplayStore } from '../tokens/store.ts'
import { ownMasterKey } from './own-seal.ts'

/** Nonces are of the master key, so that each replica knows those of the others. */
export function ownDpop(settings: Settings, store: ReplayStore, now: () => number): Dpop {
  const nonces = createNonces({ masterKey: ownMasterKey(settings), previous: settings.masterKeyPrevious, now })
  return createDpop({ nonces, store, now })
}
