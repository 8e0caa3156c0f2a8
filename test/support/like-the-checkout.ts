/** Blocks of a page, pasted into a shell in a folder that looks like the checkout and keeps what they leave. */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from './server.ts'

export type Checkout = {
  folder: string
  /** What the script says. Throws when it ends with anything but 0. */
  paste(script: string, env?: Record<string, string | undefined>): Promise<{ stdout: string; stderr: string }>
  close(): void
}

/** deploy/ is a copy: its examples leave files beside themselves. */
export function likeTheCheckout(): Checkout {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-pasted-'))
  cpSync(join(root, 'deploy'), join(folder, 'deploy'), { recursive: true })
  cpSync(join(root, 'package.json'), join(folder, 'package.json'))
  for (const name of ['node_modules', 'bin', 'src', 'config']) symlinkSync(join(root, name), join(folder, name))
  mkdirSync(join(folder, 'data'))
  return {
    folder,
    paste: (script, env = {}) =>
      promisify(execFile)('bash', ['--norc', '-euo', 'pipefail', '-c', script], {
        cwd: folder,
        env: {
          PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`,
          HOME: folder,
          NODE_NO_WARNINGS: '1',
          ...env,
        },
      }),
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}
