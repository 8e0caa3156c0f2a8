import type { Fill } from '../commands.ts'

export const key: Fill = (noun, act) => {
  noun.description('API keys')
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
