import { text } from 'node:stream/consumers'
import { faultOf } from '../server/accounts/api-key.ts'
import { exit, terminal } from './terminal.ts'

/**
 * One line a key, in the order in which they were given: by its form and checksum alone, without asking anybody. A key
 * is shown by its hint. Without an argument they are read from standard input, one a line, where no process list
 * and no history sees them.
 */
export async function keyCheckCommand(given: string | undefined): Promise<number> {
  const keys = (given ?? (await text(process.stdin))).split('\n').map((line) => line.trim())
  const asked = keys.filter((key) => key !== '')
  if (asked.length === 0) {
    terminal.fail('key check: give the key on standard input, one a line')
    return exit.usage
  }
  let bad = 0
  for (const key of asked) {
    const fault = faultOf(key)
    if (fault !== undefined) bad++
    const shown = key.length > 12 ? `${key.slice(0, 8)}…${key.slice(-4)}` : `${key.slice(0, 4)}…`
    terminal.data(fault === undefined ? `ok      ${shown}  is an API key of Countersign` : `no      ${shown}  ${fault}`)
  }
  terminal.note('this says nothing of whether it was revoked: nobody was asked')
  return bad === 0 ? exit.done : exit.failed
}
