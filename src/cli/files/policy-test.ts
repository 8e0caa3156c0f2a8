/** `countersign policy test FILE`: claims in, decision out, without asking anybody. */
import { dirname, join } from 'node:path'
import type { Json } from '../../protocol/json.ts'
import { faultsOf } from '../../server/files/fault.ts'
import { type CaseResult, createRunCase, policyTests } from '../../server/files/policy-test.ts'
import { readYaml } from '../../server/files/read.ts'
import { loadPresets } from '../../server/presets.ts'
import { printable } from '../cell.ts'
import type { Session } from '../session.ts'
import { exit } from '../terminal.ts'
import { faulty, located, readOrganization, textOf } from './read-file.ts'

/** Policies that are shown for one case. */
const mostShown = 3

export async function testPolicies(session: Session, file: string): Promise<number> {
  const read = readYaml(await textOf(session, file))
  if (!read.ok) throw faulty(session, file, read.faults)
  const parsed = policyTests.safeParse(read.value)
  if (!parsed.success) throw faulty(session, file, located(read, faultsOf(read.value, parsed.error.issues)))
  const { organization, cases } = parsed.data
  const { document } = await readOrganization(session, file === '-' ? organization : join(dirname(file), organization))
  const strangers = cases.flatMap(({ issuer }, i) =>
    document.issuers[issuer]
      ? []
      : [{ path: ['cases', i, 'issuer'], message: `${organization} has no issuer ${issuer}` }],
  )
  if (strangers.length > 0) throw faulty(session, file, located(read, strangers))
  const { io } = session
  const run = await createRunCase(document, {
    presets: loadPresets(),
    stopwatch: () => performance.now(),
    now: io.now(),
  })
  const results = cases.map(run)
  const failed = results.filter(({ ok }) => !ok).length
  if (session.isForPrograms) await session.show({ cases: results as unknown as Json, failed })
  else
    for (const line of [...results.flatMap(linesOf), '', sentence(results.length, failed)])
      session.data(printable(line))
  return failed === 0 ? exit.done : exit.pending
}

const sentence = (all: number, failed: number) =>
  failed === 0 ? `${all} as expected` : `${failed} of ${all} not as expected`

function linesOf({ name, ok, expected, got, misses }: CaseResult): string[] {
  if (ok) return [`ok      ${name}`]
  return [
    `FAILED  ${name}`,
    `          expected  ${expected}`,
    `          got       ${got}`,
    ...misses
      .slice(0, mostShown)
      .flatMap(({ policy, miss, conditions }) => [
        `          ${policy}: misses ${miss}`,
        ...conditions.map(
          ({ claim, op, expected, received, holds }) =>
            `            ${holds ? 'ok  ' : 'no  '}${claim} ${op} ${JSON.stringify(expected)}${holds ? '' : `, received ${JSON.stringify(received)}`}`,
        ),
      ]),
    ...(misses.length > mostShown ? [`          and ${misses.length - mostShown} policies more`] : []),
  ]
}
