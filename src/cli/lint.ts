/** `countersign lint FILE`: what lint says of policies in a file, offline. */
import type { JsonObject } from '../protocol/json.ts'
import { createJudge, type JudgedPolicy } from '../server/admin/judging.ts'
import { publicNetwork } from '../server/issuers/network.ts'
import { loadPresets } from '../server/presets.ts'
import { loadCel } from '../server/trust/cel.ts'
import { compilePolicy } from '../server/trust/compile.ts'
import type { Fill } from './commands.ts'
import { misuse } from './failure.ts'
import { fileText } from './file-text.ts'
import { type LintCase, lintCases } from './lint-cases.ts'
import type { Session } from './session.ts'
import { exit } from './terminal.ts'

const columns = ['severity', 'rule', 'at', 'message']

export const lint: Fill = (command, act) =>
  command
    .description('what is dangerous about the policies in a file; without asking anybody')
    .argument('<file>', 'YAML or JSON: a policy, a list of them, or an organization; - is standard input')
    .option('--preset <name>', 'of a policy whose issuer URL does not tell')
    .addHelpText(
      'after',
      `
Exit code 0 when nothing is an error, 5 when something is. A policy with an override_reason is not counted.
Example: countersign lint trust.yaml -o json`,
    )
    .action(
      act(async (session: Session, file: string, { preset }: { preset?: string }) => {
        const cases = lintCases(await fileText(session.io, file), file, preset)
        const found = (await Promise.all(cases.map(judged))).flat()
        await session.show(found as readonly JsonObject[] as never, columns)
        const errors = found.filter(({ severity, overridden }) => severity === 'error' && !overridden).length
        session.note(`${said(cases.length, 'object')} looked at, ${said(errors, 'error')}`)
        return errors === 0 ? exit.done : exit.refused
      }),
    )

const judge = () =>
  createJudge({ presets: loadPresets(), network: publicNetwork, publicUrl: () => 'https://countersign.invalid' })

async function judged({ at, overridden, issuer, policy }: LintCase) {
  if (policy) await refuseFaults(at, policy.written)
  const findings = policy
    ? await judge().policy(policy.written, policy.issuer, policy.account)
    : judge().issuer(issuer, { name: 'organization' })
  return findings.map((finding) => ({ at, ...finding, ...(overridden ? { overridden } : {}) }))
}

/** A policy that cannot be compiled cannot be looked at. */
async function refuseFaults(at: string, written: JudgedPolicy): Promise<void> {
  const cel = written.cel === null ? undefined : await loadCel()
  const made = compilePolicy({ ...written, id: '', name: '', issuerId: '' }, cel)
  const [fault] = made.ok ? [] : made.faults
  if (fault) throw misuse(`${at}: ${fault.path}: ${fault.message}${fault.caret ? `\n${fault.caret}` : ''}`)
}

const said = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
