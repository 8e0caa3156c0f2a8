import type { Fill } from '../commands.ts'
import { deleteVerb, getVerb, given, listVerb, type Noun, type Options, updateVerb } from './verbs.ts'

export const team: Fill = (noun, act) => {
  const about: Noun = {
    act,
    is: 'team',
    columns: ['name', 'display_name', 'id', ['created', 'created_at']],
    collection: (session) => session.inOrg('teams'),
    one: (session, name) => session.inOrg('teams', name),
  }
  listVerb(noun, about)
  noun
    .command('create')
    .description('create')
    .argument('<name>', 'a slug')
    .option('--display-name <text>')
    .action(
      act(async (session, name: string, { displayName }: Options) => {
        const body = given({ name, display_name: displayName as string })
        await session.tell(await session.client().call('POST', await session.inOrg('teams'), { body }))
      }),
    )
  getVerb(noun, about)
  updateVerb(noun, about, ({ name, displayName }) =>
    given({ name: name as string, display_name: displayName as string }),
  )
    .option('--name <name>', 'a new name')
    .option('--display-name <text>')
  deleteVerb(noun, about, 'delete, with its accounts and projects')
}
