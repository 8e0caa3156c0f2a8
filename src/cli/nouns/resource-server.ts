import type { Fill } from '../commands.ts'
import { shownOnce } from '../shown-once.ts'
import { deleteVerb, getVerb, given, listVerb, type Noun, type Options, updateVerb } from './verbs.ts'

export const resourceServer: Fill = (noun, act) => {
  const about: Noun = {
    act,
    is: 'server',
    columns: ['name', 'audience', 'id', ['created', 'created_at']],
    collection: (session) => session.inOrg('resource-servers'),
    one: (session, name) => session.inOrg('resource-servers', name),
  }
  noun.description('APIs that accept our tokens')
  listVerb(noun, about)
  noun
    .command('create')
    .description('register one, with an API key that is shown once')
    .argument('<name>', 'a slug')
    .requiredOption('--audience <uri>', 'absolute; what its tokens are for')
    .action(
      act(async (session, name: string, { audience }: Options) => {
        const body = { name, audience: audience as string }
        await shownOnce(session, await session.client().call('POST', await session.inOrg('resource-servers'), { body }))
      }),
    )
  getVerb(noun, about)
  updateVerb(noun, about, ({ name }) => given({ name: name as string })).option('--name <name>', 'a new name')
  deleteVerb(noun, about, 'delete, with its keys')
}
