import type { Io } from '../io.ts'

/**
 * Tells the runner of GitHub Actions (Forgejo's and Gitea's too) what to black out in the log, before it stands anywhere.
 * On stderr: the runner reads commands on both, of lines that wait it reads those first, and stdout belongs to `$(…)`.
 */
export function maskInLog({ env, stderr }: Io, token: string): void {
  if (env.GITHUB_ACTIONS === 'true') stderr.write(`::add-mask::${token}\n`)
}
