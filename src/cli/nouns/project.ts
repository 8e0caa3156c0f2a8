import { Option } from 'commander'
import type { Fill } from '../commands.ts'
import { named, projectPath, teamFor, withTeam } from './names.ts'
import { deleteVerb, getVerb, given, type Noun, type Options, updateVerb } from './verbs.ts'

const visibility = () =>
  new Option('--visibility <kind>', 'who may see it').choices(['team', 'restricted', 'open', 'public'])

export const project: Fill = (noun, act) => {
  const about: Noun = {
    act,
    is: 'project',
    columns: ['name', 'team', 'visibility', 'id', ['created', 'created_at']],
    collection: async (session, options) => session.inOrg('teams', teamFor(session, options), 'projects'),
    one: projectPath,
    where: withTeam,
  }
  withTeam(noun.command('list').alias('ls').description('list those of a team'))
    .option('--deleted', 'the kept names of restricted projects that are gone')
    .action(
      act(async (session, options: Options) => {
        const query = options.deleted ? { deleted: true } : {}
        await session.show(await session.client().all(await about.collection(session, options), query), about.columns)
      }),
    )
  withTeam(noun.command('create').description('create').argument('<project>', 'TEAM/NAME, or a name with --team'))
    .addOption(visibility().makeOptionMandatory())
    .action(
      act(async (session, text: string, options: Options) => {
        const own = text.includes('/') ? (options.team as string | undefined) : teamFor(session, options)
        const { team = '', name } = named(text, own)
        const body = { name, visibility: options.visibility as string }
        await session.tell(
          await session.client().call('POST', await session.inOrg('teams', team, 'projects'), { body }),
        )
      }),
    )
  getVerb(noun, about)
  updateVerb(noun, about, ({ name, visibility }) => given({ name: name as string, visibility: visibility as string }))
    .option('--name <name>', 'a new name')
    .addOption(visibility())
  deleteVerb(noun, about, 'delete; the name of a restricted one stays restricted until it is freed')
  withTeam(
    noun.command('free').description('free the kept name of a restricted project that is gone').argument('<project>'),
  ).action(
    act(async (session, text: string, options: Options) => {
      const path = await projectPath(session, text, options, 'free')
      await session.confirm('free the name', text)
      await session.client().call('POST', path, { body: {} })
      session.note(`${text} is free`)
    }),
  )
}
