/** An example in JavaScript, run as it stands: by Node, as a module of a project that has installed what it imports. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { leaks } from './leaks.ts'
import { bareEnv, root } from './server.ts'

/** What it printed. Throws when it failed, or said a secret on stderr. */
export async function pasted(code: string, env: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '-'], {
    cwd: root,
    env: { ...bareEnv, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let [said, complaint] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  child.stdin.end(code)
  await once(child, 'close')
  leaks.refuse('what an example complains of', complaint, '')
  if (child.exitCode !== 0)
    throw new Error(`the example ended with ${child.exitCode ?? child.signalCode}: ${complaint}`)
  return said
}
