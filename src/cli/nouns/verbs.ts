/** The verbs that most nouns share, over one collection of the API each. */
import { type Command, InvalidArgumentError } from 'commander'
import type { JsonObject } from '../../protocol/json.ts'
import type { Act } from '../commands.ts'
import { misuse } from '../failure.ts'
import type { Column } from '../output.ts'
import type { Session } from '../session.ts'

export type Options = Record<string, string | boolean | string[] | undefined>

/** `path`: of the collection, or of the object that the argument names. */
export type Noun = {
  act: Act
  /** As a sentence has it: `team`. */
  is: string
  columns: readonly Column[]
  collection(session: Session, options: Options): Promise<string>
  one(session: Session, name: string, options: Options): Promise<string>
  /** Options that say where the collection is: `--team`. */
  where?(command: Command): Command
}

const placed = ({ where }: Noun, command: Command) => where?.(command) ?? command

export function listVerb(noun: Command, about: Noun): Command {
  const verb = noun.command('list').alias('ls').description('list').option('--limit <n>', 'at most so many', countOf)
  return placed(about, verb).action(
    about.act(async (session, options: Options & { limit?: number }) => {
      const path = await about.collection(session, options)
      await session.show(await session.client().all(path, {}, options.limit), about.columns)
    }),
  )
}

export function getVerb(noun: Command, about: Noun): Command {
  const verb = noun.command('get').description('show one').argument(`<${about.is}>`, 'its name or id')
  return placed(about, verb).action(
    about.act(async (session, name: string, options: Options) => {
      const { body, etag } = await session.client().read(await about.one(session, name, options))
      await session.tell(session.isForPrograms && etag !== undefined ? { ...body, etag } : body)
    }),
  )
}

/** `bodyOf`: the members to change; none is called wrongly. */
export function updateVerb(
  noun: Command,
  about: Noun,
  bodyOf: (options: Options, session: Session) => JsonObject | Promise<JsonObject>,
): Command {
  const verb = noun.command('update').description('change').argument(`<${about.is}>`, 'its name or id')
  return changing(placed(about, verb)).action(
    about.act(async (session, name: string, options: Options) => {
      const body = given(await bodyOf(options, session))
      if (Object.keys(body).length === 0)
        throw misuse('nothing to change was given', `countersign ${noun.name()} update --help`)
      await session.tell(await change(session, await about.one(session, name, options), body, options))
    }),
  )
}

/** A PATCH of one object, with what every change may carry. */
export const change = (session: Session, path: string, body: JsonObject, options: Options): Promise<JsonObject> =>
  session.client().call('PATCH', path, { body: { ...body, ...reasonIn(options) }, ...carried(options) })

export function switchVerbs(noun: Command, about: Noun, says: { enable: string; disable: string }): void {
  for (const deed of ['enable', 'disable'] as const) {
    const verb = noun.command(deed).description(says[deed]).argument(`<${about.is}>`, 'its name or id')
    changing(placed(about, verb)).action(
      about.act(async (session, name: string, options: Options) => {
        const path = await about.one(session, name, options)
        await session.tell(await change(session, path, { enabled: deed === 'enable' }, options))
      }),
    )
  }
}

export function deleteVerb(noun: Command, about: Noun, says = 'delete'): Command {
  const verb = noun.command('delete').alias('rm').description(says).argument(`<${about.is}>`, 'its name or id')
  return changing(placed(about, verb)).action(
    about.act(async (session, name: string, options: Options) => {
      const path = await about.one(session, name, options)
      await session.confirm(`delete the ${about.is}`, name)
      await session.client().call('DELETE', path, carried(options))
      session.note(`${name} is deleted`)
    }),
  )
}

/** Ends the tokens of one object. */
export function revokeVerb(noun: Command, about: Noun): Command {
  const verb = noun
    .command('revoke')
    .description('end every access token handed out so far')
    .argument(`<${about.is}>`, 'its name or id')
  return placed(about, verb).action(
    about.act(async (session, name: string, options: Options) => {
      const path = await about.one(session, name, options)
      await session.confirm('end all tokens of', name)
      await session.show(await session.client().call('POST', `${path}/revoke`, { body: {} }))
    }),
  )
}

/** What every change may carry. */
export const changing = (command: Command): Command =>
  command
    .option('--if-match <etag>', 'only if it is still this version, as get -o json shows it')
    .option('--force', 'also what is kept in files')

/** For what lint judges. */
export const overriding = (command: Command): Command =>
  command.option('--override-reason <text>', 'why it is right in spite of an error of lint; the audit trail keeps it')

export const carried = ({ ifMatch, force }: Options) => ({
  ...(typeof ifMatch === 'string' ? { ifMatch } : {}),
  ...(force === true ? { query: { force: true } } : {}),
})

export const reasonIn = ({ overrideReason }: Options): JsonObject =>
  typeof overrideReason === 'string' ? { override_reason: overrideReason } : {}

/** Without the members that were not given. */
export const given = (members: Record<string, JsonObject[string] | undefined>): JsonObject =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as JsonObject

export function countOf(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 1.')
  return Number(text)
}
