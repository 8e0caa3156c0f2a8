/** The command tree for programs: `countersign issuer --help -o json`. */
import type { Command } from 'commander'
import type { JsonObject } from '../protocol/json.ts'
import type { Io } from './io.ts'
import { formatOf, rendered } from './output.ts'
import { fillAll } from './program.ts'
import { exit } from './terminal.ts'

export async function showTree(program: Command, words: readonly string[], io: Io): Promise<number> {
  await fillAll(program)
  let command = program
  // The words that name a command; options and what belongs to them name none.
  for (const word of words) command = command.commands.find((each) => isNamed(each, word)) ?? command
  const format = formatOf(words.some((word) => word.includes('yaml')) ? 'yaml' : 'json')
  io.stdout.write(`${await rendered(branch(command), format, [], { headers: true, cell: () => '' })}\n`)
  return exit.done
}

export const isNamed = (command: Command, word: string) => command.name() === word || command.aliases().includes(word)

function branch(command: Command): JsonObject {
  const help = command.createHelp()
  return {
    name: command.name(),
    description: command.description(),
    ...(command.aliases().length === 0 ? {} : { aliases: command.aliases() }),
    arguments: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      description: argument.description,
      required: argument.required,
      variadic: argument.variadic,
      ...(argument.argChoices ? { choices: argument.argChoices } : {}),
    })),
    options: command.options
      .filter(({ hidden }) => !hidden)
      .map((option) => ({
        flags: option.flags,
        description: option.description,
        required: option.mandatory,
        ...(option.argChoices ? { choices: option.argChoices } : {}),
      })),
    commands: help
      .visibleCommands(command)
      .filter((each) => each.name() !== 'help')
      .map(branch),
  }
}
