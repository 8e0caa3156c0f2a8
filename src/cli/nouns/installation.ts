import type { Fill } from '../commands.ts'
import { at } from '../session.ts'
import type { Options } from './verbs.ts'

export const installation: Fill = (noun, act) => {
  noun.description('the installation itself; for the operator')
  noun
    .command('get')
    .description('whether it was restored from a backup, and what it cannot know since')
    .action(
      act(async (session) => {
        await session.tell(await session.client().call('GET', at('installation')))
      }),
    )
  noun
    .command('acknowledge')
    .description('a restore: it is then not said any more')
    .action(
      act(async (session) => {
        await session.tell(await session.client().call('PATCH', at('installation'), { body: { restored: null } }))
      }),
    )
  noun
    .command('revoke')
    .description('end every access token of the installation that was minted at or before a time')
    .requiredOption('--before <time>', 'RFC 3339, or now')
    .action(
      act(async (session, { before }: Options) => {
        await session.confirm('end all tokens of the', 'installation')
        const body = { before: before === 'now' ? new Date(session.io.now()).toISOString() : String(before) }
        await session.show(await session.client().call('POST', at('installation', 'revoke'), { body }))
      }),
    )
}
