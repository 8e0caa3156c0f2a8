/** The last exchanges that were refused, with what explains each. */
import type { JsonObject } from '../../protocol/json.ts'
import { cellWith } from '../cell.ts'
import { Failure } from '../failure.ts'
import { member } from '../output.ts'
import type { Session } from '../session.ts'
import { exit } from '../terminal.ts'
import { type Check, doubtful, fine } from './check.ts'
import { failedWith } from './reach.ts'

const shown = 3

export async function checkRefusals(session: Session, caller: JsonObject): Promise<Check[]> {
  if (caller.org === undefined && session.aim().org === undefined) return []
  const query = { type: 'token.exchange', result: 'refused' }
  try {
    const events = await session.client().all(await session.inOrg('audit-events'), query, shown)
    if (events.length === 0) return [fine('exchanges', 'none was refused, as far as the trail goes back')]
    return events.map((event) => refused(session, event))
  } catch (error) {
    if (error instanceof Failure && error.exit === exit.refused) return []
    return [failedWith('exchanges', error)]
  }
}

function refused({ io }: Session, event: JsonObject): Check {
  const cell = cellWith({ now: io.now(), utc: false })
  const subject = member(event.detail ?? null, 'subject')
  const message = `${cell('at', event.at ?? null)}: ${event.reason}${subject === null ? '' : `, ${cell('subject', subject)}`}`
  return doubtful('exchange', message, `countersign explain ${event.request_id}`)
}
