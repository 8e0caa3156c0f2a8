import type { Fill } from '../commands.ts'
import { at } from '../session.ts'
import type { Options } from './verbs.ts'

const columns = ['kid', 'alg', 'state', ['published', 'published_at'], ['activates', 'activates_at']] as const

export const signingKey: Fill = (noun, act) => {
  noun.description('the keys that access tokens are signed with; for the operator')
  noun
    .command('list')
    .alias('ls')
    .description('list; never a private half')
    .action(
      act(async (session) => {
        await session.show(await session.client().all(at('signing-keys')), columns)
      }),
    )
  noun
    .command('rotate')
    .description('sign with the next one')
    .option('--emergency', 'at once, and withdraw the old one: its tokens end')
    .action(
      act(async (session, { emergency }: Options) => {
        if (emergency) await session.confirm('withdraw the signing key, which ends every token, of the', 'installation')
        const body = emergency ? { emergency: true } : {}
        await session.show(await session.client().call('POST', at('signing-keys', 'rotate'), { body }))
      }),
    )
}
