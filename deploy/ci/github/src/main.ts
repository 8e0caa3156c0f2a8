/**
 * The Action: an access token for a job of GitHub Actions, or of Forgejo. Rules: what is secret is masked before anything
 * else is said; a file is for this user alone, outside the workspace; whatever goes wrong is one annotation that says why,
 * what to do, and which request it was. The runner starts the same file twice: what the first leaves in the state makes
 * the second clean up.
 */
import { begin } from './begin.ts'
import { finish } from './finish.ts'
import { createRunner } from './runner.ts'

const thisStep = createRunner(process.env, (text) => process.stdout.write(text))
const isAfterTheJob = thisStep.state('phase') === 'finish'
process.exitCode = await (isAfterTheJob ? finish(thisStep) : begin(thisStep, process.env))
