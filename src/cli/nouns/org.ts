import type { Fill } from '../commands.ts'
import { misuse } from '../failure.ts'
import { at } from '../session.ts'
import { shownOnce } from '../shown-once.ts'
import { deleteVerb, getVerb, given, listVerb, type Noun, type Options, updateVerb } from './verbs.ts'

export const org: Fill = (noun, act) => {
  const about: Noun = {
    act,
    is: 'org',
    columns: ['name', 'display_name', 'id', ['created', 'created_at']],
    collection: async () => at('orgs'),
    one: async (_, name) => at('orgs', name),
  }
  noun.description('organizations; for the operator')
  listVerb(noun, about)
  noun
    .command('create')
    .description('found one')
    .argument('<name>', 'a slug')
    .option('--display-name <text>')
    .option('--first-admin <username>', 'make this user its admin; the API key is shown once')
    .option('--email <address>', 'of the first admin')
    .action(
      act(async (session, name: string, { displayName, firstAdmin, email }: Options) => {
        if ((firstAdmin === undefined) !== (email === undefined)) throw misuse('--first-admin and --email go together')
        const body = given({
          name,
          display_name: displayName as string,
          first_admin:
            firstAdmin === undefined ? undefined : { username: firstAdmin as string, email: email as string },
        })
        await shownOnce(session, await session.client().call('POST', at('orgs'), { body }))
      }),
    )
  getVerb(noun, about)
  updateVerb(noun, about, ({ displayName }) => given({ display_name: displayName as string })).option(
    '--display-name <text>',
  )
  deleteVerb(noun, about, 'delete, with all that is in it')
}
