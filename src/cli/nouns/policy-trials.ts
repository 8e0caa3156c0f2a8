/** A policy before it grants: proposed from a refusal, or run against what was recorded. */
import type { Command } from 'commander'
import type { Json, JsonObject } from '../../protocol/json.ts'
import type { Act } from '../commands.ts'
import { findingsText } from '../findings-text.ts'
import type { Session } from '../session.ts'
import { type PolicyOptions, policyMembers } from './policy-members.ts'
import { policies } from './policy-path.ts'
import { countOf, given, type Options } from './verbs.ts'

export function addSuggest(command: Command, act: Act): Command {
  return command
    .description('propose the narrowest policy that would have granted a refused exchange; nothing is saved')
    .argument('<request-id>', 'of the refusal, as its answer and the audit trail have it')
    .option('--claim <claim>', 'to be pinned, too; more than once', listed)
    .action(
      act(async (session, request_id: string, options: Options) => {
        const path = await policies(session, options, 'suggest')
        const answer = await session
          .client()
          .call('POST', path, { body: given({ request_id, claims: options.claim as never }) })
        if (session.isForPrograms) return session.show(answer)
        const { policy, findings, notes } = answer
        await session.show(policy ?? answer)
        say(session, notes)
        for (const line of findingsText(findings)) session.note(line)
        if (isObject(policy))
          session.note(`\nTo save it: countersign policy create --sa ${options.sa} ${asOptions(policy)}`)
      }),
    )
}

export function addReplay(command: Command, act: Act): Command {
  return command
    .description('run a policy against what was recorded: who would gain, who would lose; nothing is saved')
    .argument('[policy]', 'the one to change, by its name or id; none: a new one')
    .option('--days <n>', 'how far back', countOf)
    .option('--delete', 'as if the policy were deleted')
    .action(
      act(async (session, name: string | undefined, options: Options) => {
        const path = await policies(session, options, ...(name === undefined ? ['replay'] : [name, 'replay']))
        const body = given({
          ...policyMembers(options as PolicyOptions),
          days: options.days as never,
          delete: options.delete as never,
        })
        await shown(session, await session.client().call('POST', path, { body }))
      }),
    )
}

/** Numbers first, then a table for each list that came. */
async function shown(session: Session, answer: JsonObject): Promise<void> {
  if (session.isForPrograms) return session.show(answer)
  const { findings, notes, ...rest } = answer
  const lists = Object.entries(rest).filter((entry): entry is [string, Json[]] => Array.isArray(entry[1]))
  await session.show(Object.fromEntries(Object.entries(rest).filter(([, value]) => !Array.isArray(value))))
  for (const [name, items] of lists) {
    session.data(`\n${name.replaceAll('_', ' ')}: ${items.length}`)
    if (items.length > 0) await session.show(items, Object.keys(items.find(isObject) ?? {}))
  }
  for (const line of findingsText(findings)) session.note(line)
  say(session, notes)
}

function say(session: Session, notes: Json | undefined): void {
  for (const note of Array.isArray(notes) ? notes : []) session.note(String(note))
}

const listed = (claim: string, before: readonly string[] = []): readonly string[] => [...before, claim]

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** As the shell takes it. */
function asOptions({ issuer, subject, match, conditions, cel }: JsonObject): string {
  const quoted = (value: Json | undefined) => `'${String(value).replaceAll("'", `'\\''`)}'`
  const tests = (Array.isArray(conditions) ? conditions : []).map(
    (condition) => `--condition ${quoted(JSON.stringify(condition))}`,
  )
  return [
    `--issuer ${quoted(issuer)}`,
    `--subject ${quoted(subject)}`,
    ...(match === 'glob' ? ['--match glob'] : []),
    ...tests,
    ...(typeof cel === 'string' ? [`--cel ${quoted(cel)}`] : []),
  ].join(' ')
}
