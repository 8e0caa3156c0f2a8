import type { Command } from 'commander'
import type { Fill } from '../commands.ts'
import { misuse } from '../failure.ts'
import type { Session } from '../session.ts'
import { projectPath, teamOf, withTeam } from './names.ts'
import { carried, changing, getVerb, listVerb, type Noun, type Options } from './verbs.ts'

/** Members of a team, or of a restricted project: `--team`, or `--project TEAM/NAME`. */
export const member: Fill = (noun, act) => {
  const about: Noun = {
    act,
    is: 'member',
    columns: ['name', 'role', 'id', ['added', 'created_at']],
    collection: (session, options) => members(session, options),
    one: (session, name, options) => members(session, options, name),
    where: place,
  }
  listVerb(noun, about)
  getVerb(noun, about)
  for (const verb of ['add', 'update'] as const)
    changing(place(noun.command(verb)))
      .description(verb === 'add' ? 'add' : 'change the role')
      .argument('<member>', 'a user, or of a project also the id of a service account')
      .requiredOption('--role <role>', 'in a team: admin, member or viewer; in a project: admin, editor or viewer')
      .action(
        act(async (session, name: string, options: Options) => {
          const body = { role: options.role as string }
          const path = await members(session, options, name)
          await session.tell(await session.client().call('PUT', path, { body, ...carried(options) }))
        }),
      )
  changing(place(noun.command('remove').alias('rm').alias('delete')))
    .description('remove')
    .argument('<member>')
    .action(
      act(async (session, name: string, options: Options) => {
        await session.client().call('DELETE', await members(session, options, name), carried(options))
        session.note(`${name} is a member no more`)
      }),
    )
}

const place = (command: Command) => withTeam(command).option('-p, --project <project>', 'TEAM/NAME: of a project')

async function members(session: Session, options: Options, ...name: string[]): Promise<string> {
  if (typeof options.project === 'string') return projectPath(session, options.project, options, 'members', ...name)
  const team = teamOf(session, options)
  if (team === undefined) throw misuse('members of what?', '--team TEAM, or --project TEAM/NAME')
  return session.inOrg('teams', team, 'members', ...name)
}
