/**
 * All tests, in lanes: each lane is a mocha of its own, with servers of its own, and two lanes run at a time. What a
 * lane has to say is said when it has ended, so that no two talk at once. What has failed is said again at the end: of
 * a long log it is the end that is read, and sometimes the end alone that is kept.
 */
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ensureConsole } from '../bin/build-console.js'
import { findProgram } from './support/program.ts'

type Lane = { name: string; files: readonly string[]; env?: Record<string, string> }

const root = resolve(import.meta.dirname, '..')
const mocha = join(root, 'node_modules/mocha/bin/mocha.js')
const atOnce = 2

const all = globSync('test/**/*.test.ts', { cwd: root }).toSorted()
const taken = new Set<string>()
/** Those that no lane has yet. */
const take = (which: (file: string) => boolean): string[] => {
  const files = all.filter((file) => !taken.has(file) && which(file))
  for (const file of files) taken.add(file)
  return files
}
const below = (folder: string) => (file: string) => file.startsWith(`test/${folder}/`)

/** The longest first. */
function lanes(): Lane[] {
  const faults = take((file) => below('faults')(file) || below('replicas')(file))
  const journeys = take(below('journeys'))
  const contracts = take((file) => below('contracts')(file) || below('server/shared-state')(file))
  const commands = take((file) => below('cli')(file) || below('deploy-ci')(file) || file === 'test/deploy.test.ts')
  const strangers = take(below('interop'))
  const browser = take(below('browser'))
  return [
    { name: 'faults', files: faults },
    { name: 'journeys', files: journeys },
    { name: 'the console in a browser', files: browser },
    { name: 'contracts', files: contracts },
    { name: 'journeys on PostgreSQL', files: journeys, env: { TESTS_ON: 'postgres' } },
    { name: 'all others', files: take(() => true) },
    { name: 'commands', files: commands },
    { name: 'clients that we did not write', files: strangers },
  ]
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** What mocha's report says of the tests that failed, without their number, which is counted once alone. */
const failuresIn = (said: string): string => said.split(/^.*\d+ failing.*$/m)[1] ?? said.slice(-2_000)

/** What failed of it: null when all of its tests have passed. */
async function run({ name, files, env = {} }: Lane): Promise<string | null> {
  const begun = performance.now()
  say(`${name}: ${files.length} files …`)
  const child = spawn(process.execPath, [mocha, ...files], { cwd: root, env: { ...process.env, ...env } })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  const code = await new Promise<number | null>((ended) => child.once('close', ended))
  say(
    `\n=== ${name}: ${code === 0 ? 'passed' : `FAILED (${code})`}, ${Math.round((performance.now() - begun) / 1000)} s`,
  )
  say(said)
  return code === 0 ? null : `failed: ${name}\n${failuresIn(said)}`
}

// Before two want to install the same. What cannot be had is said by the tests that need it.
for (const [program, debianPackage] of [['redis-server'], ['initdb', 'postgresql'], ['nginx'], ['chromium']] as const)
  await findProgram(program, debianPackage).catch(() => {})

// Once, for all that look at a page of it.
await ensureConsole()

const waiting = lanes()
const failed: string[] = []
const worker = async () => {
  for (let lane = waiting.shift(); lane; lane = waiting.shift()) {
    const failure = await run(lane)
    if (failure !== null) failed.push(failure)
  }
}
await Promise.all(Array.from({ length: atOnce }, worker))
for (const failure of failed) say(`\n${failure}`)
process.exitCode = failed.length > 0 ? 1 : 0
