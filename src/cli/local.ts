/** The commands that work on this machine alone. */
import type { Fill } from './commands.ts'

export const serve: Fill = (command, act) =>
  command
    .description('serve; configured by config/ and the environment, see config/default.yaml')
    .action(act(async () => (await import('./serve.ts')).serveCommand()))

export const demo: Fill = (command, act) =>
  command
    .description('a private instance, an independent OpenID provider and a protected API, from token to token')
    .action(act(async () => (await import('./demo.ts')).demoCommand()))

export const backup: Fill = (command, act) =>
  command
    .description('copy the embedded database to a file, while the service runs')
    .argument('<file>')
    .option('--force', 'replace the file, if it is there')
    .action(
      act(async (_, file: string, { force }: { force?: boolean }) =>
        (await import('./backup.ts')).backupCommand(file, force === true),
      ),
    )

export const restore: Fill = (command, act) =>
  command
    .description('put a backup in place of the embedded database, or mark a database that was restored otherwise')
    .argument('[file]', 'the backup; none with PostgreSQL')
    .option('--as-of <time>', 'without a file: the moment (RFC 3339) up to which the database was recovered')
    .option('--revoke-before <time>', 'end every token minted at or before it: now, or RFC 3339')
    .action(
      act(async (_, file: string | undefined, times: { asOf?: string; revokeBefore?: string }) =>
        (await import('./restore.ts')).restoreCommand(file, times),
      ),
    )

export const version: Fill = (command, act) =>
  command.description('print the version').action(
    act(async (session) => {
      const { versionText } = await import('./version.ts')
      session.data(versionText())
    }),
  )
