/**
 * What a runner of GitHub Actions does with a JavaScript action, by its documentation and its source: inputs, state and
 * files by variables, commands on stdout, and masks, which hold for what comes after them. Written without a look at how
 * the Action writes.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { leaks } from './leaks.ts'
import { bareEnv, root } from './server.ts'

type Env = Readonly<Record<string, string | undefined>>
export type Command = { name: string; properties: Record<string, string>; data: string }
export type Ran = {
  code: number | null
  /** As the log shows it: masked, without the commands. */
  log: string
  commands: Command[]
  outputs: Record<string, string>
  variables: Record<string, string>
  summary: string
}
type Definition = {
  inputs: Record<string, { required?: boolean; default?: string; description?: string }>
  outputs: Record<string, { description: string }>
  runs: { using: string; main: string; post: string; 'post-if'?: string }
}

const source = join(root, 'deploy/ci/github')
export const definition = parse(readFileSync(join(source, 'action.yml'), 'utf8')) as Definition

/** A job with this one step. The action's folder holds what a tag holds, and no package beside it. */
export function createActionJob(env: Env) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'))
  const action = join(folder, 'action')
  const temp = join(folder, 'temp')
  const workspace = join(folder, 'workspace')
  for (const made of [action, temp, workspace]) mkdirSync(made)
  for (const file of [definition.runs.main, 'action.yml']) copyFileSync(join(source, file), join(action, file))
  let state: Record<string, string> = {}
  const masks: string[] = []

  async function start(script: string, inputs: Env, more: Env): Promise<Ran> {
    const at = (name: string) => join(folder, name)
    const files = { GITHUB_OUTPUT: 'output', GITHUB_ENV: 'env', GITHUB_STATE: 'state', GITHUB_STEP_SUMMARY: 'summary' }
    for (const name of Object.values(files)) writeFileSync(at(name), '')
    const defaults = Object.entries(definition.inputs).map(([name, { default: value = '' }]) => [name, value])
    const given = Object.entries({ ...Object.fromEntries(defaults), ...inputs }).map(([name, value]) => [
      `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
      value,
    ])
    const child = spawn(process.execPath, [join(action, script)], {
      cwd: workspace,
      env: {
        ...bareEnv,
        ...env,
        GITHUB_WORKSPACE: workspace,
        RUNNER_TEMP: temp,
        ...Object.fromEntries(Object.entries(files).map(([name, file]) => [name, at(file)])),
        ...Object.fromEntries(given),
        ...Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value])),
        ...more,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text
    })
    await once(child, 'close')
    const read = (name: string) => readFileSync(at(name), 'utf8')
    const { log, commands } = shown(stdout, masks)
    state = { ...state, ...pairsIn(read('state')) }
    const ran = {
      code: child.exitCode,
      log: `${log}${masked(stderr, masks)}`,
      commands,
      outputs: pairsIn(read('output')),
      variables: pairsIn(read('env')),
      summary: read('summary'),
    }
    for (const token of [ran.outputs.token, ran.variables.COUNTERSIGN_ACCESS_TOKEN])
      if (token) leaks.learn('an access token', token)
    // What a runner keeps masked, and the files that it gives to later steps, may hold the token; all else may not.
    const messages = commands.filter(({ name }) => name !== 'add-mask').map(({ data }) => masked(data, masks))
    leaks.refuse('the log of the Action', ran.log, ...messages)
    leaks.refuse('the summary of the Action', ran.summary)
    return ran
  }

  return {
    temp,
    workspace,
    state: () => state,
    main(inputs: Env, more: Env = {}) {
      state = {}
      return start(definition.runs.main, inputs, more)
    },
    post: (inputs: Env = {}, more: Env = {}) => start(definition.runs.post, inputs, more),
    close: () => existsSync(folder) && rmSync(folder, { recursive: true, force: true }),
  }
}

/** The commands that a runner obeys; others are text. */
const known = new Set(['add-mask', 'debug', 'notice', 'warning', 'error', 'group', 'endgroup'])

function shown(stdout: string, masks: string[]): { log: string; commands: Command[] } {
  const commands: Command[] = []
  let log = ''
  for (const line of stdout.split(/\r?\n/)) {
    if (line.includes('##[')) throw new Error('a line that is a command of the old form')
    const [, head = '', data = ''] = /^\s*::(.*?)::(.*)$/s.exec(line) ?? []
    const [name = '', rest = ''] = head.split(/ (.*)/s)
    if (!known.has(name)) {
      log += `${masked(line, masks)}\n`
      continue
    }
    const properties = rest
      .split(',')
      .filter((pair) => pair.includes('='))
      .map((pair) => pair.split(/=(.*)/s) as [string, string])
      .map(([key, value]) => [key, decoded(value, ['%0D', '%0A', '%3A', '%2C', '%25'])])
    const command = { name, properties: Object.fromEntries(properties), data: decoded(data, ['%0D', '%0A', '%25']) }
    if (name === 'add-mask') masks.push(command.data)
    commands.push(command)
  }
  return { log, commands }
}

const decoded = (text: string, codes: readonly string[]) =>
  codes.reduce((rest, code) => rest.replaceAll(code, String.fromCharCode(Number.parseInt(code.slice(1), 16))), text)

const masked = (text: string, masks: readonly string[]) =>
  masks.reduce((rest, mask) => rest.replaceAll(mask, '***'), text)

/** NAME=VALUE, or NAME<<END, lines, END. Throws where a runner would. */
export function pairsIn(text: string): Record<string, string> {
  const pairs: Record<string, string> = {}
  const lines = text.split('\n')
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    if (line === '') continue
    const equals = line.indexOf('=')
    const heredoc = line.indexOf('<<')
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      pairs[line.slice(0, equals)] = line.slice(equals + 1)
      continue
    }
    const name = line.slice(0, heredoc)
    const end = line.slice(heredoc + 2)
    if (heredoc <= 0 || end === '') throw new Error('a line that is neither NAME=VALUE nor NAME<<END')
    const size = lines.indexOf(end)
    if (size < 0) throw new Error(`the value of ${name} has no end`)
    pairs[name] = lines.splice(0, size).join('\n')
    lines.shift()
  }
  return pairs
}
