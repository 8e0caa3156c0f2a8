/** Discovery and keys of every issuer of the organization: checked now where the caller may, else as they were last. */
import type { JsonObject } from '../../protocol/json.ts'
import { Failure } from '../failure.ts'
import { member } from '../output.ts'
import type { Session } from '../session.ts'
import { exit } from '../terminal.ts'
import { type Check, doubtful, failed, fine } from './check.ts'
import { failedWith } from './reach.ts'

export async function checkIssuers(session: Session, caller: JsonObject): Promise<Check[]> {
  if (caller.org === undefined && session.aim().org === undefined) return []
  try {
    const issuers = await session.client().all(await session.inOrg('issuers'))
    const enabled = issuers.filter((issuer) => issuer.enabled === true)
    return await Promise.all(enabled.map((issuer) => checked(session, issuer)))
  } catch (error) {
    // Whoever may not read them has nothing to mend there.
    if (error instanceof Failure && error.exit === exit.refused) return []
    return [failedWith('issuers', error)]
  }
}

async function checked(session: Session, issuer: JsonObject): Promise<Check> {
  const what = `issuer ${issuer.name}`
  try {
    const path = await session.inOrg('issuers', String(issuer.id), 'check')
    const { ok, steps } = await session.client().call('POST', path, { body: {} })
    const all = (steps ?? []) as unknown as { step: string; ok: boolean; message: string }[]
    const missed = all.find((step) => !step.ok)
    if (ok === true) return fine(what, all.at(-1)?.message ?? 'its keys were fetched')
    return failed(what, `${missed?.step}: ${missed?.message}`, `countersign issuer check ${issuer.name}`)
  } catch (error) {
    if (error instanceof Failure && error.exit === exit.refused) return asLastSeen(what, issuer)
    return failedWith(what, error)
  }
}

function asLastSeen(what: string, { health = null }: JsonObject): Check {
  const state = String(member(health, 'state'))
  if (state === 'ok' || state === 'unknown') return fine(what, `its keys were ${state} when last fetched`)
  const message = `its keys are ${state}: ${member(health, 'message') ?? 'no reason is known'}`
  const fix = 'an admin of the organization sees more with countersign issuer check'
  return state === 'stale' ? doubtful(what, message, fix) : failed(what, message, fix)
}
