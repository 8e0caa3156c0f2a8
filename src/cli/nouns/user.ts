import { Option } from 'commander'
import type { Fill } from '../commands.ts'
import { deleteVerb, getVerb, given, listVerb, type Noun, type Options, revokeVerb, updateVerb } from './verbs.ts'

const role = () => new Option('--role <role>', 'in the organization').choices(['admin', 'member', 'viewer'])

export const user: Fill = (noun, act) => {
  const about: Noun = {
    act,
    is: 'user',
    columns: ['username', 'email', 'role', 'id', ['created', 'created_at']],
    collection: (session) => session.inOrg('users'),
    one: (session, name) => session.inOrg('users', name),
  }
  listVerb(noun, about)
  noun
    .command('create')
    .description('create; key create --user gives an API key')
    .argument('<username>', 'a slug')
    .requiredOption('--email <address>')
    .addOption(role())
    .action(
      act(async (session, username: string, { email, role }: Options) => {
        const body = given({ username, email: email as string, role: role as string })
        await session.tell(await session.client().call('POST', await session.inOrg('users'), { body }))
      }),
    )
  getVerb(noun, about)
  updateVerb(noun, about, ({ username, email, role }) =>
    given({ username: username as string, email: email as string, role: role as string }),
  )
    .option('--username <name>', 'a new one')
    .option('--email <address>')
    .addOption(role())
  deleteVerb(noun, about, 'delete, with their keys')
  revokeVerb(noun, about)
}
