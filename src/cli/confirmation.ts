import { Failure, misuse } from './failure.ts'
import type { Io } from './io.ts'
import { exit } from './terminal.ts'

/** On a terminal the name has to be typed; where nobody can be asked, `--yes` has to be there. */
export async function confirmed(
  { stdin, stderr }: Io,
  { yes, input }: { yes?: boolean; input?: boolean },
  deed: string,
  name: string,
): Promise<void> {
  if (yes) return
  if (input === false || !stdin.isTTY || !stderr.isTTY)
    throw misuse(`to ${deed} ${name} needs --yes where nobody can be asked`, 'nothing was changed')
  const typed = await stdin.line(`To ${deed} ${name}, type its name: `)
  if (typed.trim() !== name)
    throw new Failure(`that is not ${name}: nothing was changed`, { exit: exit.failed, code: 'not_confirmed' })
}
