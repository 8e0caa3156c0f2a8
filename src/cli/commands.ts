/**
 * Every command of the command line, by its group in the help. A new one is a line here and a file of its own, which is
 * loaded when the command is called, and not before: the start has to be quick.
 */
import type { Command } from 'commander'
import type { Session } from './session.ts'

/** What a command does: it gets its session, its arguments and its options, and answers with its exit code (none: done). */
export type Run<Args extends unknown[]> = (
  session: Session,
  ...args: Args
) => Promise<number | undefined> | Promise<void>
/** For `command.action`: makes the session, and tells the exit code. `formats`: further ones that this command has for `-o`. */
export type Act = <Args extends unknown[]>(
  run: Run<Args>,
  formats?: readonly string[],
) => (...args: unknown[]) => Promise<void>
/** Gives a command its arguments, options and verbs. */
export type Fill = (command: Command, act: Act) => void
/** `group`: the heading in the help; none: it is not shown there. */
export type Entry = { name: string; summary: string; group: string; fill(): Promise<Fill> }

const entry = (group: string, name: string, summary: string, fill: () => Promise<Fill>): Entry => ({
  name,
  summary,
  group,
  fill,
})

const objects = 'Objects:'
const files = 'An organization as a file:'
const session = 'You and this machine:'
const job = 'A job’s access token:'
const trail = 'What happened:'
const service = 'Running the service:'

export const commands: readonly Entry[] = [
  entry(objects, 'org', 'organizations', async () => (await import('./nouns/org.ts')).org),
  entry(objects, 'team', 'teams', async () => (await import('./nouns/team.ts')).team),
  entry(objects, 'user', 'people', async () => (await import('./nouns/user.ts')).user),
  entry(objects, 'member', 'of teams and projects', async () => (await import('./nouns/member.ts')).member),
  entry(objects, 'project', 'projects', async () => (await import('./nouns/project.ts')).project),
  entry(objects, 'issuer', 'whose tokens are believed', async () => (await import('./nouns/issuer.ts')).issuer),
  entry(objects, 'sa', 'service accounts', async () => (await import('./nouns/sa.ts')).sa),
  entry(objects, 'key', 'API keys', async () => (await import('./nouns/key.ts')).key),
  entry(objects, 'policy', 'trust policies', async () => (await import('./nouns/policy.ts')).policy),
  entry(objects, 'resource-server', 'APIs that accept our tokens', async () => {
    return (await import('./nouns/resource-server.ts')).resourceServer
  }),

  entry(trail, 'lint', 'what is dangerous about policies in a file', async () => (await import('./lint.ts')).lint),
  entry(
    files,
    'validate',
    'what is wrong with a file, and where',
    async () => (await import('./files/commands.ts')).validate,
  ),
  entry(files, 'plan', 'what would change', async () => (await import('./files/commands.ts')).plan),
  entry(files, 'apply', 'change it: all of it, or nothing', async () => (await import('./files/commands.ts')).apply),
  entry(files, 'diff', 'what has changed by hand', async () => (await import('./files/commands.ts')).diff),
  entry(files, 'export', 'the organization as a file', async () => (await import('./files/commands.ts')).exportFile),

  entry(job, 'token', 'exchange what this job has', async () => (await import('./token.ts')).token),
  entry(job, 'run', 'a command, with a token that stays fresh', async () => (await import('./run.ts')).run),
  entry(job, 'ambient', 'where this runs, and what it is called there', async () => {
    return (await import('./ambient.ts')).ambient
  }),
  entry(job, 'docker-credential', 'for registries, as Docker asks for it', async () => {
    return (await import('./docker-credential.ts')).dockerCredential
  }),
  entry(job, 'git-credential', 'for git servers, as git asks for it', async () => {
    return (await import('./git-credential.ts')).gitCredential
  }),

  entry(session, 'login', 'keep a key for a service', async () => (await import('./login.ts')).login),
  entry(session, 'logout', 'forget it', async () => (await import('./login.ts')).logout),
  entry(session, 'context', 'what login has kept', async () => (await import('./nouns/context.ts')).context),
  entry(session, 'whoami', 'whom you call, and as whom', async () => (await import('./whoami.ts')).whoami),
  entry(session, 'doctor', 'what may be wrong, and how to mend it', async () => (await import('./doctor.ts')).doctor),
  entry(session, 'api', 'one call of the API', async () => (await import('./api.ts')).api),
  entry(session, 'completion', 'for your shell', async () => (await import('./completion.ts')).completion),
  entry('', 'complete', 'for the scripts of completion', async () => (await import('./completion.ts')).complete),

  entry(trail, 'explain', 'why a token is granted or refused', async () => {
    return (await import('./explain.ts')).explain
  }),
  entry(trail, 'audit', 'the audit trail', async () => (await import('./nouns/audit.ts')).audit),

  entry(service, 'serve', 'serve, as config/ and the environment say', async () => (await import('./local.ts')).serve),
  entry(service, 'demo', 'from token to token on this machine alone', async () => (await import('./local.ts')).demo),
  entry(service, 'backup', 'copy the embedded database to a file', async () => (await import('./local.ts')).backup),
  entry(service, 'restore', 'put a backup in place of the database', async () => (await import('./local.ts')).restore),
  entry(service, 'signing-key', 'what tokens are signed with', async () => {
    return (await import('./nouns/signing-key.ts')).signingKey
  }),
  entry(service, 'installation', 'after a restore', async () => (await import('./nouns/installation.ts')).installation),
  entry(service, 'version', 'print the version', async () => (await import('./local.ts')).version),
]
