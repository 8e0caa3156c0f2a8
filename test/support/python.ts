/** The Python packages of test/interop/requirements.txt, installed once by the machine's own pip. */
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { Absent, cacheFolder } from './absent.ts'
import { type Ran, runProgram } from './run-program.ts'
import { bareEnv, root } from './server.ts'

export type Python = {
  /** `python3`, or a program that one of the packages brings. Nothing of this machine's settings reaches it. */
  run(program: string, args: readonly string[], options: { home: string; env?: Record<string, string> }): Promise<Ran>
}

const requirements = join(root, 'test/interop/requirements.txt')
let installed: Promise<Python> | undefined

/** Begins at the first call; throws Absent. */
export function pythonPackages(): Promise<Python> {
  installed ??= install()
  // Whoever waits for it hears of it.
  installed.catch(() => {})
  return installed
}

async function install(): Promise<Python> {
  const asks = 'import pip, sys; print(sys.executable); print(sys.implementation.cache_tag)'
  const asked = await runProgram('python3', ['-c', asks]).catch(() => undefined)
  if (asked === undefined) throw new Absent('there is no python3')
  if (asked.code !== 0) throw new Absent('python3 has no pip')
  const [executable = '', tag = ''] = asked.stdout.trim().split('\n')
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)
  const folder = cacheFolder(`python-${tag}-${hash}`)
  if (!existsSync(folder)) await fill(folder, executable)
  const path = [join(folder, 'bin'), dirname(executable), bareEnv.PATH].join(delimiter)
  // W&B tells its maker about faults.
  const own = { ...bareEnv, PATH: path, PYTHONPATH: folder, WANDB_ERROR_REPORTING: 'false' }
  return {
    run: (program, args, { home, env }) =>
      runProgram(program, args, { cwd: home, env: { ...own, HOME: home, ...env } }),
  }
}

/** Whole or not at all: a run that is killed leaves nothing that looks installed. */
async function fill(folder: string, executable: string): Promise<void> {
  const draft = `${folder}.${randomUUID()}`
  const remove = () => rmSync(draft, { recursive: true, force: true })
  process.once('exit', remove)
  mkdirSync(dirname(folder), { recursive: true })
  const options = [
    '--only-binary',
    ':all:',
    '--no-input',
    '--no-compile',
    '--disable-pip-version-check',
    '--retries',
    '2',
  ]
  const args = ['-m', 'pip', 'install', '--quiet', '--target', draft, ...options, '-r', requirements]
  try {
    const { code, stderr } = await runProgram(executable, args, { seconds: 240 })
    const faults = stderr.split('\n').filter((line) => /^ERROR: (?!pip's dependency resolver)/.test(line))
    if (code !== 0)
      throw new Absent(`pip could not install its packages: ${faults.join(' ') || `it ended with ${code}`}`)
    renameSync(draft, folder)
  } catch (error) {
    // Another run was faster.
    if (!existsSync(folder)) throw error
  } finally {
    remove()
    process.off('exit', remove)
  }
}
