import type { Settings } from '../settings.ts'
import { makeFolder } from '../storage/make-folder.ts'
import { masterKeyIn } from '../tokens/master-key.ts'
import { createSeal, type Seal } from '../tokens/seal.ts'

/** Under the master key that was given, or else under the one of the embedded installation. */
export function ownSeal({ masterKey, masterKeyPrevious, dataDir }: Settings): Seal {
  if (masterKey) return createSeal(masterKey, masterKeyPrevious)
  // The database may lie elsewhere: the folder is not there by it.
  makeFolder(dataDir)
  return createSeal(masterKeyIn(dataDir), masterKeyPrevious)
}
