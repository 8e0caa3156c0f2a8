/**
 * What the operator allows beyond public addresses (ISSUER_NETWORK) is on record: in the installation's trail, whenever it
 * is something else than at the last start. An organization can neither see nor widen it.
 */
import type { NewId } from '../../protocol/ids.ts'
import type { Storage } from '../storage/storage.ts'
import type { Perform } from './perform.ts'

type Needs = { reading: Pick<Storage['reading'], 'values'>; perform: Perform; newId: NewId }

const name = 'issuer_network'
/** Of an installation that never said anything else. */
const usual = 'public'

/** `network`: as `networkText` writes it. Durable when it resolves. */
export async function recordExceptions(network: string, { reading, perform, newId }: Needs): Promise<void> {
  const isKnown = async ({ values }: Needs['reading']) => ((await values.get(name)) ?? usual) === network
  if (await isKnown(reading)) return
  const context = { actor: { type: 'operator' }, requestId: newId('req'), client: { ip: '', user_agent: '' } } as const
  await perform(context, async ({ stores, record }) => {
    // Of replicas that start together, one says it.
    if (await isKnown(stores)) return {}
    const before = (await stores.values.get(name)) ?? usual
    await stores.values.set(name, network)
    await record(
      'issuer_network.update',
      {},
      { type: 'installation' },
      { issuer_network: network, issuer_network_before: before },
    )
    return {}
  })
}
