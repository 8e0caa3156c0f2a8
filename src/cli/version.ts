import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.ts'
import { exit, terminal } from './terminal.ts'

export async function versionCommand(): Promise<number> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  terminal.data(version)
  return exit.done
}
