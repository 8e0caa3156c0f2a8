/** What of a plan cannot be done because of others: other organizations, the installation, the network. */
import { refuseUnusable } from '../admin/issuers.ts'
import { refuseForeignAudiences } from '../admin/organizations.ts'
import type { Work } from '../admin/perform.ts'
import { refuseOwnAudience } from '../admin/resource-servers.ts'
import { Refusal } from '../errors/refusal.ts'
import type { JwkSet } from '../issuers/model.ts'
import type { IssuerNetwork } from '../issuers/network.ts'
import type { Fault } from './fault.ts'
import { placeInFile, type Surroundings, type Wanted } from './members.ts'
import type { Plan } from './plan.ts'

export type Outside = Surroundings & { network: IssuerNetwork }
type Stores = Work['stores']

export async function foreignClashes(stores: Stores, { steps }: Plan, outside: Outside): Promise<Fault[]> {
  const faults: Fault[] = []
  for (const { change, wanted } of steps) {
    if (!wanted || change.action === 'delete') continue
    if (wanted.kind === 'resource_server' && change.action === 'create')
      await collect(faults, wanted, 'audience', () =>
        refuseOwnAudience(String(wanted.members.audience), outside.publicUrl),
      )
    if (wanted.kind === 'issuer') await judgeIssuer(faults, wanted, stores, outside)
  }
  return faults
}

async function judgeIssuer(faults: Fault[], wanted: Wanted, stores: Stores, outside: Outside): Promise<void> {
  const { issuer, jwks_uri, jwks } = wanted.members as { issuer: string; jwks_uri: string | null; jwks: JwkSet | null }
  const audiences = wanted.members.audiences as readonly string[]
  await collect(faults, wanted, 'issuer', () => refuseUnusable({ issuer, jwksUri: jwks_uri, jwks }, outside.network))
  await collect(faults, wanted, 'audiences', () =>
    refuseForeignAudiences({ stores }, outside.org, outside.publicUrl, audiences),
  )
  const others = (await stores.lookups.fitting(issuer, audiences)).filter(({ orgId }) => orgId !== outside.org.id)
  await collect(faults, wanted, 'audiences', () => {
    if (others.length > 0) throw new Refusal('audience_taken')
  })
}

async function collect(faults: Fault[], { path }: Wanted, member: string, judge: () => unknown): Promise<void> {
  try {
    await judge()
  } catch (error) {
    if (!(error instanceof Refusal) || error.reason === 'storage_unavailable') throw error
    for (const inner of error.errors ?? [{ path: member, message: error.says }])
      faults.push({ path: [...placeInFile(path), ...inner.path.split('.')], message: inner.message })
  }
}
