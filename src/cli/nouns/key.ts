import type { Command } from 'commander'
import type { Fill } from '../commands.ts'
import { misuse } from '../failure.ts'
import type { Session } from '../session.ts'
import { shownOnce } from '../shown-once.ts'
import { expiryOf, secondsOf } from './durations.ts'
import { accountPath, withTeam } from './names.ts'
import { carried, changing, getVerb, given, listVerb, type Noun, type Options, updateVerb } from './verbs.ts'

export const key: Fill = (noun, act) => {
  const about: Noun = {
    act,
    is: 'key',
    columns: [
      'name',
      'hint',
      ['last used', 'last_used_at'],
      ['expires', 'expires_at'],
      'id',
      ['created', 'created_at'],
    ],
    collection: (session, options) => keys(session, options),
    one: (session, name, options) => keys(session, options, name),
    where: owned,
  }
  noun.description('API keys of an account, a user or a resource server')
  listVerb(noun, about)
  owned(noun.command('create'))
    .description('create; the key is shown once')
    .argument('[name]', 'a slug')
    .option('--expires-in <duration>', '90d', secondsOf)
    .option('--expires-at <time>', 'RFC 3339')
    .addHelpText('after', '\nExamples:\n  countersign key create ci --sa ml/robot --expires-in 90d')
    .action(
      act(async (session, name: string | undefined, options: Options & { expiresIn?: never }) => {
        const expires_at = expiryOf(options as { expiresIn?: number; expiresAt?: string }, session.io.now())
        const body = given({ name, expires_at })
        await shownOnce(session, await session.client().call('POST', await keys(session, options), { body }))
      }),
    )
  getVerb(noun, about)
  updateVerb(noun, about, ({ name }) => given({ name: name as string })).option('--name <name>', 'a new name')
  owned(noun.command('rotate'))
    .description('a new key in place of one; the old one ends at once, or after the overlap')
    .argument('<key>', 'its name or id')
    .option('--overlap <duration>', 'how long the old one still works: 24h, to 30d', secondsOf)
    .action(
      act(async (session, name: string, options: Options) => {
        const body = given({ overlap_seconds: options.overlap as never })
        const path = await keys(session, options, name, 'rotate')
        await shownOnce(session, await session.client().call('POST', path, { body }))
      }),
    )
  changing(owned(noun.command('revoke').alias('delete').alias('rm')))
    .description('end it, at once')
    .argument('<key>', 'its name or id')
    .action(
      act(async (session, name: string, options: Options) => {
        const path = await keys(session, options, name)
        await session.confirm('revoke the key', name)
        await session.client().call('DELETE', path, carried(options))
        session.note(`${name} is revoked`)
      }),
    )
  noun
    .command('check')
    .description('tell by form and checksum whether a text is one of our API keys, without asking anybody')
    .argument('[key]', 'better on standard input, one a line, where no process list sees it')
    .action(
      act(async (session, given: string | undefined) =>
        (await import('../key-check.ts')).keyCheckCommand(given, session),
      ),
    )
}

const owned = (command: Command): Command =>
  withTeam(command)
    .option('--sa <account>', 'TEAM/NAME or id: of a service account')
    .option('--user <user>', 'of a user')
    .option('--resource-server <server>', 'of a resource server')

async function keys(session: Session, options: Options, ...below: string[]): Promise<string> {
  const { sa, user, resourceServer } = options
  const owners = [sa, user, resourceServer].filter((owner) => owner !== undefined)
  if (owners.length !== 1) throw misuse('whose key?', 'one of --sa TEAM/NAME, --user NAME and --resource-server NAME')
  if (typeof sa === 'string') return accountPath(session, sa, options, 'keys', ...below)
  if (typeof user === 'string') return session.inOrg('users', user, 'keys', ...below)
  return session.inOrg('resource-servers', String(resourceServer), 'keys', ...below)
}
