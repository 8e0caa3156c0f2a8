/**
 * What may be wrong between here and the service. Rules: every check runs, whatever the ones before it found; each says
 * what it found and, unless all is well, what to do; nothing is changed. Ends with 1 when a check failed.
 */

import { printable } from './cell.ts'
import type { Fill } from './commands.ts'
import { complaintOf } from './complaint.ts'
import { contextsFile, isOpenToOthers, readContexts } from './contexts.ts'
import { checkAddress, saidOfOrg } from './doctor/address.ts'
import { type Check, doubtful, failed, fine } from './doctor/check.ts'
import { checkIssuers } from './doctor/issuers.ts'
import { checkAudience, checkJob, type JobChecks } from './doctor/job.ts'
import { checkReach, failedWith } from './doctor/reach.ts'
import { checkRefusals } from './doctor/refusals.ts'
import { aligned } from './output.ts'
import type { Session } from './session.ts'
import { exit } from './terminal.ts'

export const doctor: Fill = (command, act) =>
  command.description('what may be wrong between here and the service, and how to mend it').action(
    act(async (session) => {
      const checks = [...here(session), ...(await there(session))]
      const isWell = checks.every(({ state }) => state !== 'failed')
      if (session.isForPrograms) await session.show(checks)
      else session.data(page(checks))
      return isWell ? exit.done : exit.failed
    }),
  )

const marks = { ok: '✓', warning: '!', failed: '✗' } as const

const page = (checks: readonly Check[]) =>
  aligned(
    checks.flatMap(({ check, state, message, fix }) => [
      [marks[state], printable(check), printable(message)],
      ...(fix === undefined ? [] : [['', '', `→ ${printable(fix)}`]]),
    ]),
  )

/** What can be said without asking anybody. */
function here(session: Session): Check[] {
  const { io } = session
  return [settled('configuration', () => configuration(session)), ...conflicts(io.env), ...proxies(io.env)]
}

function configuration({ io }: Session): Check {
  const file = contextsFile(io)
  const names = Object.keys(readContexts(io).contexts)
  if (names.length === 0) return fine('configuration', `no context is kept in ${file}`)
  if (isOpenToOthers(io))
    return failed('configuration', `others may read ${file}, which holds keys`, `chmod 600 ${file}`)
  return fine('configuration', `${file}, which nobody else may read: ${names.join(', ')}`)
}

function conflicts(env: Session['io']['env']): Check[] {
  const pairs = [
    ['COUNTERSIGN_CONTEXT', 'COUNTERSIGN_URL'],
    ['COUNTERSIGN_CONTEXT', 'COUNTERSIGN_API_KEY'],
  ] as const
  const found = pairs
    .filter((names) => names.every((name) => env[name]))
    .map(([wins, ignored]) =>
      doubtful('environment', `${wins} and ${ignored} are both set: the context goes before`, `unset one of the two`),
    )
  if (env.WANDB_API_KEY && env.WANDB_IDENTITY_TOKEN_FILE)
    found.push(
      failed(
        'environment',
        'WANDB_API_KEY and WANDB_IDENTITY_TOKEN_FILE are both set, which the W&B SDK refuses',
        'unset WANDB_API_KEY',
      ),
    )
  return found
}

function proxies(env: Session['io']['env']): Check[] {
  const set = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'].filter((name) => env[name] || env[name.toLowerCase()])
  if (set.length === 0) return []
  return [
    doubtful(
      'environment',
      `${set.join(', ')} ${set.length === 1 ? 'is' : 'are'} set, and used only with NODE_USE_ENV_PROXY=1`,
      'set NODE_USE_ENV_PROXY=1 if the service is behind that proxy',
    ),
  ]
}

async function there(session: Session): Promise<Check[]> {
  const { checks: ofJob, source, subject } = await job(session)
  const { checks: ofReach, isReached, caller } = await checkReach(session, source)
  const checks = [...ofReach, ...ofJob]
  if (!isReached) return checks
  try {
    const said = await saidOfOrg(session)
    if (said) checks.push(...checkAddress(session.aim(), said))
    if (subject) checks.push(...checkAudience(subject, said))
  } catch (error) {
    checks.push(failedWith('organization', error))
  }
  if (caller === undefined) return checks
  return [...checks, ...(await checkIssuers(session, caller)), ...(await checkRefusals(session, caller))]
}

async function job(session: Session): Promise<JobChecks> {
  let isNeeded: boolean
  try {
    isNeeded = session.aim().origins.secret !== 'context'
  } catch {
    // A URL that is none is said once, by whoever asks the service.
    return { checks: [] }
  }
  try {
    const found = await checkJob(session)
    if (isNeeded) return found
    // Whoever has logged in can do without.
    return {
      ...found,
      checks: found.checks.map((each) => (each.state === 'failed' ? { ...each, state: 'warning' } : each)),
    }
  } catch (error) {
    return { checks: [failedWith('identity', error)] }
  }
}

function settled(name: string, check: () => Check): Check {
  try {
    return check()
  } catch (error) {
    const { line, problem } = complaintOf(error)
    return failed(name, line, typeof problem.hint === 'string' ? problem.hint : 'see above')
  }
}
