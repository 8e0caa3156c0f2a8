/** An organization as a file: `validate`, `plan`, `apply`, `diff` and `export`. */
import type { Command } from 'commander'
import type { Fill } from '../commands.ts'
import { countOf } from '../nouns/verbs.ts'
import { exit } from '../terminal.ts'
import type { FileOptions } from './planning.ts'

const fileArgument = ['<file>', 'YAML, as export gives it; - is standard input'] as const
const asking = (command: Command): Command =>
  command
    .argument(...fileArgument)
    .option('--prune', 'delete what the file does not name')
    .option('--source <text>', 'where the file is kept, and @REVISION (COUNTERSIGN_FILE_SOURCE; else its name)')

export const validate: Fill = (command, act) =>
  command
    .description('read a file, and say what is wrong with it and where; asks nobody')
    .argument(...fileArgument)
    .action(
      act(async (session, file: string) => {
        const { readOrganization } = await import('./read-file.ts')
        const { document } = await readOrganization(session, file)
        const { countsOf } = await import('../../server/files/judge-document.ts')
        if (session.isForPrograms) await session.show({ ok: true, ...countsOf(document) })
        else session.data(`ok  ${file}  ${document.organization}: ${sentence(countsOf(document))}`)
      }),
    )

const sentence = (counts: Record<string, number>) =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name.replaceAll('_', ' ')}`)
    .join(', ')

export const plan: Fill = (command, act) =>
  asking(command)
    .description('show what would change for the organization to be what the file says')
    .option('--exit-code', 'exit with 8 when anything would')
    .option('--days <n>', 'of what is on record, for the replay; 0: none', (text) => (text === '0' ? 0 : countOf(text)))
    .action(
      act(async (session, file: string, options: FileOptions) => {
        const { planned, showPlan } = await import('./planning.ts')
        const made = await planned(session, file, options)
        await showPlan(session, made)
        return options.exitCode && made.changes.length > 0 ? exit.pending : exit.done
      }),
    )

export const apply: Fill = (command, act) =>
  asking(command)
    .description('change the organization to what the file says: all of it, or nothing')
    .action(
      act(async (session, file: string, options: FileOptions) => {
        const { planned, showPlan } = await import('./planning.ts')
        const { mapped } = await import('./read-file.ts')
        const made = await planned(session, file, options)
        const { changes, source, body, path, plan } = made
        if (!session.isForPrograms || (plan.faults as unknown[]).length > 0) await showPlan(session, made)
        if (changes.length === 0) return session.isForPrograms ? session.show(plan) : undefined
        await session.confirm('apply this to', source.document.organization)
        try {
          const done = await session.client().call('POST', `${path}/apply`, { body, ifMatch: plan.state })
          if (session.isForPrograms) await session.show(done)
          else session.note(`applied: ${source.document.organization} is what ${file} says`)
        } catch (error) {
          throw mapped(session, source, error)
        }
      }),
    )

export const diff: Fill = (command, act) =>
  command
    .description('show where the organization is not what the file says; 6 when it is not')
    .argument(...fileArgument)
    .action(
      act(async (session, file: string) => {
        const { planned } = await import('./planning.ts')
        const { driftText, driftIn } = await import('./drift.ts')
        const drift = driftIn((await planned(session, file, { prune: true })).changes)
        if (session.isForPrograms) await session.show({ drift: drift as never })
        else session.data(drift.length === 0 ? `the organization is what ${file} says` : driftText(drift))
        return drift.length === 0 ? exit.done : exit.conflict
      }),
    )

export const exportFile: Fill = (command, act) =>
  command.description('the organization as a file, without secrets').action(
    act(async (session) => {
      const path = await session.inOrg('export')
      if (session.isForPrograms && session.format.kind !== 'yaml')
        return session.show(await session.client().call('GET', path))
      let text = ''
      for await (const chunk of session.client().stream(path, { accept: 'application/yaml' })) text += chunk
      session.data(text.trimEnd())
    }),
  )
