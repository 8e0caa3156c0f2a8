/**
 * Completion for shells. The script asks `countersign complete` for each word, which walks commander's own tree: no list
 * is kept twice, nor a package for it. Names of what is there come from the service, when it answers within a second.
 */
import { Argument } from 'commander'
import type { Fill } from './commands.ts'
import { scripts } from './completion-scripts.ts'

export const completion: Fill = (command, act) =>
  command
    .description('print what makes your shell complete countersign')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', '\nExamples:\n  source <(countersign completion bash)   # in ~/.bashrc')
    .action(
      act(async (session, shell: string) => {
        session.data(scripts[shell as keyof typeof scripts])
      }),
    )

/** `words`: what stands behind `countersign`, the last being the one to complete. One candidate a line. */
export const complete: Fill = (command, act) =>
  command
    .description('what could stand here; for the scripts of completion')
    .argument('[words...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(
      act(async (session, words: string[]) => {
        const { candidates } = await import('./candidates.ts')
        for (const candidate of await candidates(session, words)) session.data(candidate)
      }),
    )
