import { Command, Option } from 'commander'
import { type Act, commands, type Entry } from './commands.ts'
import type { Io } from './io.ts'
import { createSession, type Globals } from './session.ts'

export const hint = '(countersign --help lists the commands)'

/** The tree of commands; each is filled when it is called. `set` is told the exit code. `isQuiet`: what is wrong is thrown only. */
export function createProgram(io: Io, set: (code: number) => void, isQuiet = false): Command {
  const program = new Command('countersign')
    .description(
      'Identity-federation token exchange: a JWT that your platform signed in, a short-lived access token out.',
    )
    .showHelpAfterError(isQuiet ? false : hint)
    .exitOverride()
    .helpCommand(false)
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText('afterAll', ({ command }) => (command.parent ? `\nOptions of every command: countersign --help` : ''))
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      ...(isQuiet ? { outputError: () => {} } : {}),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
  for (const option of globals()) program.addOption(option)
  const act = acting(io, set)
  const entries = new Map<Command, Entry>()
  for (const { name, ...entry } of commands) {
    const command = program
      .command(name, { hidden: entry.group === '' })
      .description(entry.summary)
      .helpGroup(entry.group)
      .helpCommand(false)
    entries.set(command, { name, ...entry })
  }
  program.hook('preSubcommand', async (_, command) => {
    const entry = entries.get(command)
    if (entry === undefined) return
    ;(await entry.fill())(command, act)
    allowWhatIsNotDenied(command)
  })
  return program
}

/** `--no-browser` alone means that there is one: commander sees to it only for options that were there before it began. */
function allowWhatIsNotDenied(command: Command): void {
  for (const option of command.options) {
    const isAlone = !command.options.some(({ long }) => long === option.long?.replace(/^--no-/, '--'))
    if (option.negate && isAlone) command.setOptionValueWithSource(option.attributeName(), true, 'default')
  }
}

/** All of it, for the help as a tree and for completion. */
export async function fillAll(program: Command): Promise<void> {
  const nothing: Act = () => async () => {}
  for (const command of program.commands) {
    const entry = commands.find(({ name }) => name === command.name())
    if (entry) (await entry.fill())(command, nothing)
  }
}

function globals(): Option[] {
  return [
    new Option('-o, --output <format>', 'table, json, yaml, jsonl or value=FIELD (COUNTERSIGN_OUTPUT)'),
    new Option('--json', 'the same as -o json'),
    new Option('--url <url>', 'of the service, or of the organization there (COUNTERSIGN_URL)'),
    new Option('--org <name>', 'the organization (COUNTERSIGN_ORG; else your own)'),
    new Option('--context <name>', 'one that login has kept (COUNTERSIGN_CONTEXT; else the current one)'),
    new Option('-y, --yes', 'do not ask before what cannot be undone'),
    new Option('--no-input', 'never ask anything'),
    new Option('--utc', 'in tables: times in full'),
    new Option('--no-headers', 'in tables: without the first line'),
    new Option('--columns <names>', 'in tables: these members, separated by commas'),
  ]
}

function acting(io: Io, set: (code: number) => void): Act {
  return (run, formats) =>
    async (...given) => {
      const command = given.pop() as Command
      const session = createSession(io, command.optsWithGlobals<Globals>(), formats)
      set((await run(session, ...(given as never))) ?? 0)
    }
}
