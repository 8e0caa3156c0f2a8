import type { Command } from 'commander'
import type { JsonObject } from '../../protocol/json.ts'
import type { Fill } from '../commands.ts'
import { withTeam } from './names.ts'
import { type PolicyOptions, policyMembers, policyOptions } from './policy-members.ts'
import { policies } from './policy-path.ts'
import { addReplay, addSuggest } from './policy-trials.ts'
import {
  carried,
  deleteVerb,
  getVerb,
  given,
  listVerb,
  type Noun,
  type Options,
  overriding,
  reasonIn,
  updateVerb,
} from './verbs.ts'

export const policy: Fill = (noun, act) => {
  const about: Noun = {
    act,
    is: 'policy',
    columns: ['name', 'issuer', 'subject', 'match', 'state', 'id', ['created', 'created_at']],
    collection: (session, options) => policies(session, options),
    one: (session, name, options) => policies(session, options, name),
    where: ofAccount,
  }
  noun.description('trust policies: whose tokens may become an account')
  listVerb(noun, about)
  overriding(policyOptions(ofAccount(noun.command('create'))))
    .description('trust a subject of an issuer to become the account')
    .argument('[name]', 'a slug')
    .option('--force', 'also of an account that is kept in a file')
    .addHelpText('after', examples)
    .action(
      act(async (session, name: string | undefined, options: Options) => {
        const body = given({ name, ...policyMembers(options as PolicyOptions), ...reasonIn(options) })
        await session.tell(
          await session.client().call('POST', await policies(session, options), { body, ...carried(options) }),
        )
      }),
    )
  getVerb(noun, about)
  overriding(policyOptions(updateVerb(noun, about, changes)))
    .option('--name <name>', 'a new name')
    .option('--no-conditions', 'without any condition')
  deleteVerb(noun, about)
  noun
    .command('test')
    .description('run the tests of policies in a file, by the same engine; asks nobody')
    .argument('<file>', 'YAML: the organization’s file, and cases: claims, and what they are to get')
    .action(act(async (session, file: string) => (await import('../files/policy-test.ts')).testPolicies(session, file)))
  addSuggest(ofAccount(noun.command('suggest')), act)
  addReplay(policyOptions(ofAccount(noun.command('replay'))), act)
}

function changes(options: Options): JsonObject {
  const none = options.conditions === false ? { conditions: [] } : {}
  return given({ name: options.name as string, ...none, ...policyMembers(options as PolicyOptions) })
}

const ofAccount = (command: Command): Command =>
  withTeam(command).requiredOption('--sa <account>', 'TEAM/NAME or id: the service account')

const examples = `
Examples:
  countersign policy create main --sa ml/trainer --issuer github --subject 'repo:acme/app:ref:refs/heads/*' \\
    --match glob --condition 'repository_owner_id equals 65' --condition 'environment in production,staging'
  countersign policy create next --sa ml/trainer --issuer gitlab --subject … --draft`
