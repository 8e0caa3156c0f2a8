/** The command line: one file a command, loaded when it is called. */
import { Command, CommanderError } from 'commander'
import { complaintOf } from './complaint.ts'
import { exit, terminal } from './terminal.ts'

export async function run(argv: readonly string[]): Promise<void> {
  const program = new Command('countersign')
    .description(
      'Identity-federation token exchange: a JWT that your platform signed in, a short-lived access token out.',
    )
    .showHelpAfterError('(countersign --help lists the commands)')
    .exitOverride()
  const set = (code: number) => {
    process.exitCode = code
  }
  program
    .command('serve')
    .description('serve; configured by config/ and the environment, see config/default.yaml')
    .action(async () => set(await (await import('./serve.ts')).serveCommand()))
  program
    .command('demo')
    .description('a private instance, an independent OpenID provider and a protected API, from token to token')
    .action(async () => set(await (await import('./demo.ts')).demoCommand()))
  program
    .command('audit')
    .description('the audit trail')
    .command('verify')
    .description('check every chain of the trail, on a live database too; names the first break')
    .action(async () => set(await (await import('./audit-verify.ts')).auditVerifyCommand()))
  program
    .command('key')
    .description('API keys')
    .command('check')
    .description('tell by form and checksum whether a text is one of our API keys, without asking anybody')
    .argument('[key]', 'better on standard input, one a line, where no process list sees it')
    .action(async (key) => set(await (await import('./key-check.ts')).keyCheckCommand(key)))
  program
    .command('backup')
    .description('copy the embedded database to a file, while the service runs')
    .argument('<file>')
    .option('--force', 'replace the file, if it is there')
    .action(async (file, { force }) => set(await (await import('./backup.ts')).backupCommand(file, force === true)))
  program
    .command('restore')
    .description('put a backup in place of the embedded database, or mark a database that was restored otherwise')
    .argument('[file]', 'the backup; none with PostgreSQL')
    .option('--as-of <time>', 'without a file: the moment (RFC 3339) up to which the database was recovered')
    .option('--revoke-before <time>', 'end every token minted at or before it: now, or RFC 3339')
    .action(async (file, times) => set(await (await import('./restore.ts')).restoreCommand(file, times)))
  program
    .command('version')
    .description('print the version')
    .action(async () => set(await (await import('./version.ts')).versionCommand()))
  try {
    await program.parseAsync(argv)
  } catch (error) {
    if (error instanceof CommanderError) return set(error.exitCode === 0 ? exit.done : exit.usage)
    const { line, code } = complaintOf(error)
    terminal.fail(line)
    set(code)
  }
}
