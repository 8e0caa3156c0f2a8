/**
 * A command with an access token in its hands. Rules: what it reads and writes is untouched; its end is our end, with its
 * code; the file with the token is its owner's alone, always whole, fresh while the command runs, and gone after it; the
 * identity that the token was had with stays here.
 */
import type { Fill } from './commands.ts'
import { misuse } from './failure.ts'
import { runChild } from './job/child.ts'
import { childEnvironment } from './job/child-environment.ts'
import { keepFresh } from './job/keep-fresh.ts'
import { maskInLog } from './job/masked.ts'
import { type JobOptions, withJobOptions } from './job/options.ts'
import { openJob } from './job/provider.ts'
import { createTokenFile } from './job/token-file.ts'

type Options = JobOptions & { keepIdentity?: boolean; revoke: boolean }

export const run: Fill = (command, act) =>
  withJobOptions(command)
    .description('run a command with COUNTERSIGN_ACCESS_TOKEN, and a file beside it in which the token stays fresh')
    .argument('<command...>', 'behind --')
    .option('--keep-identity', 'leave the job’s own identity in the command’s environment')
    .option('--no-revoke', 'let the token live on when the command has ended')
    .addHelpText('after', examples)
    .action(
      act(async (session, [program, ...args]: string[], options: Options) => {
        if (program === undefined || program === '') throw misuse('which command?', 'countersign run -- COMMAND')
        const { io } = session
        const { provider, token } = await openJob(session, options)
        maskInLog(io, token.token)
        const file = createTokenFile(io, token.token)
        const fresh = keepFresh(provider, token, {
          now: io.now,
          write(next) {
            maskInLog(io, next)
            file.write(next)
          },
          note: (line) => io.stderr.write(`countersign: ${line}\n`),
        })
        try {
          const env = childEnvironment(session, options, { token: token.token, file: file.path })
          return await runChild(io, program, args, env)
        } finally {
          fresh.stop()
          file.remove()
          // Nobody waits long for it: it would end by itself.
          if (options.revoke) await Promise.race([provider.revoke().catch(() => {}), fresh.patience()])
          await provider[Symbol.asyncDispose]()
        }
      }),
    )

const examples = `
The command has COUNTERSIGN_ACCESS_TOKEN (as it was at the start), COUNTERSIGN_ACCESS_TOKEN_FILE (always a good one) and
COUNTERSIGN_URL. It ends as the command ends: its code, or 128 and the number of the signal.

Examples:
  countersign run -- ./train.sh
  countersign run --sa ml/trainer -- sh -c 'printf "Authorization: Bearer %s" "$COUNTERSIGN_ACCESS_TOKEN" | curl -H @- …'`
