/** The clock of a service, set by the test: its `Date.now` steps from one error to the next at the test's bidding. */
import type { ChildProcess } from 'node:child_process'

/** The environment of a service whose clock is right at the start. `errors`: ms, one after the other. */
export const steppingClock = (errors: readonly number[]): { NODE_OPTIONS: string } => ({
  NODE_OPTIONS: `--max-semi-space-size=4 --import data:text/javascript,${encodeURIComponent(
    `const right = Date.now.bind(Date); const errors = ${JSON.stringify(errors)}; let error = 0
     Date.now = () => right() + error
     process.on('SIGUSR2', () => { error = errors.shift() ?? 0 })`,
  )}`,
})

export const stepClock = (process: ChildProcess): void => void process.kill('SIGUSR2')
