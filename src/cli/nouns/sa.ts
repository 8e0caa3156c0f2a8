import { type Command, Option } from 'commander'
import type { JsonObject } from '../../protocol/json.ts'
import type { Fill } from '../commands.ts'
import { misuse } from '../failure.ts'
import type { Session } from '../session.ts'
import { shownOnce } from '../shown-once.ts'
import { secondsOf } from './durations.ts'
import { accountPath, named, teamOf, withTeam } from './names.ts'
import { type PolicyOptions, policyMembers, policyOptions } from './policy-members.ts'
import {
  deleteVerb,
  getVerb,
  given,
  type Noun,
  type Options,
  overriding,
  reasonIn,
  revokeVerb,
  switchVerbs,
  updateVerb,
} from './verbs.ts'

const columns = ['name', 'team', 'scope', 'method', 'access', 'enabled', 'id', ['created', 'created_at']] as const
const method = () => new Option('--method <method>', 'how it proves itself').choices(['api_key', 'federated'])

export const sa: Fill = (noun, act) => {
  const about: Noun = {
    act,
    is: 'sa',
    columns,
    collection: (session) => session.inOrg('service-accounts'),
    one: accountPath,
    where: withTeam,
  }
  noun.description('service accounts: whom a workload becomes; named TEAM/NAME, or by an id')
  withTeam(noun.command('list').alias('ls').description('list'))
    .addOption(method())
    .addOption(new Option('--scope <scope>').choices(['organization', 'team']))
    .option('-q, --query <text>', 'whose name has it')
    .action(
      act(async (session, options: Options) => {
        const { method, scope, query: q } = options as Record<string, string>
        const team = teamOf(session, options)
        await session.show(await listed(session, team, given({ method, scope, q }) as Record<string, string>), columns)
      }),
    )
  fields(policyOptions(withTeam(noun.command('create'))))
    .description('create, with an API key that is shown once, or trusting the tokens of an issuer')
    .argument('<name>', 'TEAM/NAME, or a name with --team')
    .option('--default-team <team>', 'makes it organization-scoped, working in this team by itself')
    .addOption(method().default(undefined, 'federated with --issuer, else api_key'))
    .option('--admin', 'it administers its team, or the organization')
    .addHelpText('after', examples)
    .action(
      act(async (session, name: string, options: Options) => {
        const { path, body } = await created(session, name, options)
        await shownOnce(session, await session.client().call('POST', path, { body }))
      }),
    )
  getVerb(noun, about)
  fields(updateVerb(noun, about, changes))
    .option('--name <name>', 'a new name')
    .option('--default-team <team>', 'of an organization-scoped one')
    .option('--no-dpop', 'no proof of possession is needed any more')
  switchVerbs(noun, about, { enable: 'let it get tokens', disable: 'no more tokens; those handed out end' })
  revokeVerb(noun, about)
  deleteVerb(noun, about, 'delete, with its keys and policies')
}

const fields = (command: Command): Command =>
  overriding(command)
    .addOption(new Option('--access <level>', 'what it may do in projects').choices(['read', 'write']))
    .option('--token-ttl <duration>', 'how long an access token lives: 1m to 1h', secondsOf)
    .option('--description <text>')
    .option('--dpop', 'access tokens only for a key whose possession is proven (RFC 9449)')

function changes(options: Options): JsonObject {
  const { name, access, tokenTtl, description, dpop, defaultTeam } = options as Record<string, string>
  return given({
    name,
    access,
    token_ttl: tokenTtl,
    description: description === '' ? null : description,
    dpop_bound_access_tokens: dpop,
    default_team: defaultTeam,
  })
}

async function created(session: Session, text: string, options: Options): Promise<{ path: string; body: JsonObject }> {
  const trust = policyMembers(options as PolicyOptions)
  const isFederated = options.method === 'federated' || (options.method === undefined && trust.issuer !== undefined)
  const { team, name } = named(text, text.includes('/') || options.defaultTeam ? undefined : teamOf(session, options))
  if (!isFederated && Object.keys(trust).length > 0)
    throw misuse('a subject and conditions are for an account with --issuer')
  if (team !== undefined && options.defaultTeam !== undefined)
    throw misuse(`${text} is of its team: --default-team is for one that is organization-scoped`)
  const body = given({
    ...changes(options),
    name,
    admin: options.admin as boolean,
    method: team === undefined ? undefined : isFederated ? 'federated' : 'api_key',
    trust: Object.keys(trust).length > 0 ? trust : undefined,
    ...reasonIn(options),
  })
  if (team !== undefined) return { path: await session.inOrg('teams', team, 'service-accounts'), body }
  if (options.defaultTeam === undefined)
    throw misuse('which team?', '--team TEAM; or --default-team TEAM for one that is organization-scoped')
  if (isFederated) throw misuse('an organization-scoped account has an API key: give --team for a federated one')
  return { path: await session.inOrg('service-accounts'), body }
}

/** An admin of the organization sees all of them; an admin of a team asks for that team's. */
async function listed(session: Session, team: string | undefined, query: Record<string, string>) {
  if (team === undefined) return session.client().all(await session.inOrg('service-accounts'), query)
  const all = Object.keys(query).length > 0
  const path = all ? await session.inOrg('service-accounts') : await session.inOrg('teams', team, 'service-accounts')
  return session.client().all(path, all ? { ...query, team } : {})
}

const examples = `
Examples:
  countersign sa create ml/robot
  countersign sa create ml/trainer --issuer github --subject repo:acme/app:ref:refs/heads/main \\
    --condition 'repository_id equals 74' --condition 'repository_owner_id equals 65'`
