import type { Settings } from '../settings.ts'
import { makeFolder } from '../storage/make-folder.ts'
import { masterKeyIn } from '../tokens/master-key.ts'
import { createSeal, type Seal } from '../tokens/seal.ts'

/** The one that was given, or else that of the embedded installation, which is made when it is not there. */
export function ownMasterKey({ masterKey, dataDir }: Settings): Buffer {
  if (masterKey) return masterKey
  // The database may lie elsewhere: the folder is not there by it.
  makeFolder(dataDir)
  return masterKeyIn(dataDir)
}

export const ownSeal = (settings: Settings): Seal => createSeal(ownMasterKey(settings), settings.masterKeyPrevious)
