import { faultOf } from '../server/accounts/api-key.ts'
import { misuse } from './failure.ts'
import type { Session } from './session.ts'
import { exit } from './terminal.ts'

/**
 * One line a key, in the order in which they were given: by its form and checksum alone, without asking anybody. A key
 * is shown by its hint. Without an argument they are read from standard input, one a line, where no process list
 * and no history sees them.
 */
export async function keyCheckCommand(given: string | undefined, { io, ...session }: Session): Promise<number> {
  const keys = (given ?? (await io.stdin.text())).split('\n').map((line) => line.trim())
  const asked = keys.filter((key) => key !== '')
  if (asked.length === 0) throw misuse('key check: give the key on standard input, one a line')
  const checked = asked.map((key) => ({ key: shown(key), fault: faultOf(key) ?? null }))
  if (session.isForPrograms) await session.show(checked.map((each) => ({ ok: each.fault === null, ...each })))
  else
    for (const { key, fault } of checked)
      session.data(fault === null ? `ok      ${key}  is an API key of Countersign` : `no      ${key}  ${fault}`)
  session.note('this says nothing of whether it was revoked: nobody was asked')
  return checked.some(({ fault }) => fault !== null) ? exit.failed : exit.done
}

const shown = (key: string) => (key.length > 12 ? `${key.slice(0, 8)}…${key.slice(-4)}` : `${key.slice(0, 4)}…`)
