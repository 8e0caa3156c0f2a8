import type { Logger } from 'pino'
import type { NewId } from '../../protocol/ids.ts'
import { recordExceptions } from '../admin/exceptions.ts'
import type { Perform } from '../admin/perform.ts'
import { tellOfRestore } from '../admin/restored.ts'
import type { Trail } from '../audit/trail.ts'
import { type IssuerNetwork, networkText } from '../issuers/network.ts'
import type { Storage } from '../storage/storage.ts'

type Needs = {
  storage: Storage
  perform: Perform
  trail: Trail
  network: IssuerNetwork
  newId: NewId
  now: () => number
  log: Logger
}

/** What whoever runs the installation is told of at a start, by its trail and its log. */
export async function tellAtStart({ storage, perform, trail, network, newId, now, log }: Needs): Promise<void> {
  await recordExceptions(networkText(network), { reading: storage.reading, perform, newId })
  await tellOfRestore({ storage, trail, newId, now, warn: (facts, says) => log.warn(facts, says) })
}
