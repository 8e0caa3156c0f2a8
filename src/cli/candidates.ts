/** What could stand at the last of these words, walking the tree of commands. */
import type { Argument, Command, Option } from 'commander'
import { type Client, createClient } from './client.ts'
import { member } from './output.ts'
import { createProgram, fillAll } from './program.ts'
import { createSession, type Session } from './session.ts'
import { isNamed } from './tree.ts'

export async function candidates(session: Session, words: readonly string[]): Promise<string[]> {
  const program = createProgram(session.io, () => {})
  await fillAll(program)
  const typed = words.at(-1) ?? ''
  const at = walk(program, words.slice(0, -1))
  const found = await offered(session, at, typed)
  return found.filter((each) => each.startsWith(typed)).sort()
}

type At = { command: Command; operands: number; values: Map<string, string>; pending: Option | undefined }

/** Where the words before lead to: a command, how many of its arguments are there, an option that waits for its value. */
function walk(program: Command, words: readonly string[]): At {
  let command = program
  let operands = 0
  let pending: Option | undefined
  const values = new Map<string, string>()
  for (const word of words) {
    if (pending) {
      values.set(pending.attributeName(), word)
      pending = undefined
    } else if (word.startsWith('-')) {
      const option = optionsAt(command).find(({ short, long }) => short === word || long === word)
      if (option && (option.required || option.optional)) pending = option
    } else {
      const below = command.commands.find((each) => isNamed(each, word))
      if (below) command = below
      else operands++
    }
  }
  return { command, operands, values, pending }
}

/** Its own and those of every command. */
function optionsAt(command: Command): Option[] {
  const root = command.parent?.parent ?? command.parent ?? command
  return [...new Set([...command.options, ...root.options])].filter(({ hidden }) => !hidden)
}

async function offered(session: Session, at: At, typed: string): Promise<string[]> {
  const { command, operands, pending } = at
  if (pending) return pending.argChoices ? [...pending.argChoices] : named(session, at, pending.attributeName())
  if (typed.startsWith('-')) return optionsAt(command).map(({ long, short }) => long ?? short ?? '')
  if (command.commands.length > 0)
    return command
      .createHelp()
      .visibleCommands(command)
      .map((each) => each.name())
  const argument: Argument | undefined = command.registeredArguments[operands]
  if (!argument) return []
  return argument.argChoices ? [...argument.argChoices] : named(session, at, argument.name())
}

/** Where the names of each kind are listed, below the organization. */
const lists: Record<string, readonly string[]> = {
  team: ['teams'],
  defaultTeam: ['teams'],
  user: ['users'],
  issuer: ['issuers'],
  server: ['resource-servers'],
  resourceServer: ['resource-servers'],
  sa: ['service-accounts'],
}

async function named(session: Session, { values, command }: At, kind: string): Promise<string[]> {
  if (kind === 'output') return ['table', 'json', 'yaml', 'jsonl', 'value=']
  // A name that is yet to be given is nobody's.
  const parts = command.name() === 'create' && command.parent?.name() === kind ? undefined : lists[kind]
  if (parts === undefined) return []
  try {
    const own = createSession(session.io, Object.fromEntries(values))
    const { url, secret } = own.aim()
    const client: Client = createClient({ url, secret, agent: 'countersign-cli/completion', timeout: 1000 })
    const org = own.aim().org ?? String((await client.call('GET', '/api/v1/me')).org)
    const items = await client.all(`/api/v1/orgs/${encodeURIComponent(org)}/${parts.join('/')}`)
    return items.map((item) =>
      kind === 'sa' && item.team ? `${item.team}/${item.name}` : String(member(item, 'name')),
    )
  } catch {
    // Nobody waits for a shell that complains.
    return []
  }
}
