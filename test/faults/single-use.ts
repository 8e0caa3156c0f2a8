/** An issuer of the fleet's provider whose tokens buy one access token each. */
import { randomUUID } from 'node:crypto'
import type { Fleet } from './support.ts'

/** What makes such tokens: fresh ones, and for an account that trusts them. */
export async function singleUse({ world, provider }: Pick<Fleet, 'world' | 'provider'>): Promise<() => string> {
  const issuer = await world.make('/issuers', {
    name: 'once',
    issuer: provider.issuer,
    audiences: ['once'],
    single_use: true,
  })
  const trust = { issuer: issuer.id, subject: 'job-once' }
  await world.make(world.accounts, { name: 'single', method: 'federated', trust })
  return () => provider.token({ aud: 'once', sub: 'job-once', jti: randomUUID() })
}
