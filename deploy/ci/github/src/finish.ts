import { rmSync } from 'node:fs'
import { complaintOf } from './complaint.ts'
import { revokeToken } from './revoke-token.ts'
import type { Runner } from './runner.ts'

/** After the job, failed or not. The exit code, which is never a failure: the work is done. */
export async function finish(runner: Runner): Promise<number> {
  const token = runner.state('token')
  if (token !== '') {
    try {
      await revokeToken(runner.state('url'), token)
      runner.say('The access token is revoked.')
    } catch (error) {
      runner.warning('Countersign: not revoked', `${complaintOf(error).message}\nThe access token ends by itself.`)
    }
  }
  const folder = runner.state('folder')
  if (folder !== '') {
    try {
      rmSync(folder, { recursive: true, force: true })
    } catch (error) {
      runner.warning('Countersign: not removed', `${folder} is still there: ${(error as NodeJS.ErrnoException).code}`)
    }
  }
  return 0
}
