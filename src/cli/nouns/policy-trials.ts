/** A policy before it grants: proposed from a refusal, or run against what was recorded. */
import { isDeepStrictEqual } from 'node:util'
import type { Command } from 'commander'
import type { Json, JsonObject } from '../../protocol/json.ts'
import { printable } from '../cell.ts'
import type { Act } from '../commands.ts'
import { conditionText } from '../condition-text.ts'
import { findingsText } from '../findings-text.ts'
import type { Session } from '../session.ts'
import { conditionOf, type PolicyOptions, policyMembers } from './policy-members.ts'
import { policies } from './policy-path.ts'
import { countOf, given, type Options } from './verbs.ts'

export function addSuggest(command: Command, act: Act): Command {
  return command
    .description('propose the narrowest policy that would have granted a refused exchange; nothing is saved')
    .argument('<request-id>', 'of the refusal, as its answer and the audit trail have it')
    .option('--claim <claim>', 'pin this one, too; more than once', (text, before: string[] = []) => [...before, text])
    .option('--days <n>', 'replay it, so far back', countOf)
    .action(
      act(async (session, request_id: string, options: Options) => {
        const path = await policies(session, options, 'suggest')
        const answer = await session.client().call('POST', path, {
          body: given({ request_id, claims: options.claim as string[], days: options.days as never }),
        })
        if (session.isForPrograms) return session.show(answer)
        const { policy = null, notes, findings, replay } = answer
        await session.show(policy)
        for (const line of [...notesIn(notes), ...findingsText(findings)]) session.note(line)
        if (isObject(replay)) {
          session.data('')
          await shown(session, replay)
        }
        if (isObject(policy))
          session.note(
            `\n${printable(`To save it: countersign policy create --sa ${options.sa} ${asOptions(policy)}`)}`,
          )
      }),
    )
}

export function addReplay(command: Command, act: Act): Command {
  return command
    .description('run a policy against what was recorded: who would gain, who would lose; nothing is saved')
    .argument('[policy]', 'the one to change, by its name or id; none: a new one')
    .option('--days <n>', 'how far back: 14, to 90', countOf)
    .option('--no-conditions', 'without any condition')
    .option('--delete', 'as if it were deleted')
    .addHelpText('after', examples)
    .action(
      act(async (session, name: string | undefined, options: Options) => {
        const path = await policies(session, options, ...(name === undefined ? ['replay'] : [name, 'replay']))
        const body = given({
          ...(options.conditions === false ? { conditions: [] } : {}),
          ...policyMembers(options as PolicyOptions),
          days: options.days as never,
          delete: options.delete as boolean,
        })
        await shown(session, await session.client().call('POST', path, { body }))
      }),
    )
}

const effects = ['gain', 'lose', 'ambiguous', 'unknown'] as const
const columns = [
  'subject',
  ['account', 'service_account'],
  'count',
  ['last', 'last_at'],
  ['request', 'request_id'],
] as const

/** Numbers first, then a table for each effect that there is, then what limits it. */
async function shown(session: Session, answer: JsonObject): Promise<void> {
  if (session.isForPrograms) return session.show(answer)
  const { judged_as = null, days = null, exchanges = null, counts = null, notes } = answer
  await session.show({ judged_as, days, exchanges, counts })
  for (const effect of effects) {
    const groups = answer[effect]
    if (!isList(groups) || groups.length === 0) continue
    session.data(`\n${headings[effect]}:`)
    await session.show(groups, effect === 'unknown' ? [...columns, 'claims'] : columns)
  }
  for (const note of notesIn(notes)) session.note(note)
}

const headings = {
  gain: 'would gain',
  lose: 'would lose',
  ambiguous: 'would stand for more than one account, and get nothing',
  unknown: 'not known, since it hangs on claims that were not kept',
}

const notesIn = (notes: Json | undefined) => (isList(notes) ? notes.map((note) => printable(`note: ${note}`)) : [])

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)

const examples = `
Examples:
  countersign policy replay --sa ml/trainer --issuer github --subject 'repo:acme/app:*' --match glob --days 30
  countersign policy replay main --sa ml/trainer --condition 'environment equals production'
  countersign policy replay main --sa ml/trainer --delete`

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The text that means the same, where there is one; else JSON. */
function shortest(condition: JsonObject): string {
  const json = JSON.stringify(condition)
  try {
    const text = conditionText(condition)
    return isDeepStrictEqual(conditionOf(text), condition) ? text : json
  } catch {
    return json
  }
}

/** As the shell takes it. */
function asOptions({ issuer, subject, match, conditions, cel }: JsonObject): string {
  const quoted = (value: Json | undefined) => `'${String(value).replaceAll("'", `'\\''`)}'`
  const tests = (Array.isArray(conditions) ? conditions : []).map(
    (condition) => `--condition ${quoted(shortest(condition))}`,
  )
  return [
    `--issuer ${quoted(issuer)}`,
    `--subject ${quoted(subject)}`,
    ...(match === 'glob' ? ['--match glob'] : []),
    ...tests,
    ...(typeof cel === 'string' ? [`--cel ${quoted(cel)}`] : []),
  ].join(' ')
}
