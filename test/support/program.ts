/** A real program for the tests: from PATH, from where Debian keeps its servers, or, as root, from a Debian package. */
import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

/** ms that a hook may take in which a program may have to be installed first. */
export const installing = 300_000

/** Where it is. Nothing of it is running: whoever wants that starts it. */
export async function findProgram(name: string, debianPackage = name): Promise<string> {
  const there = found(name)
  if (there !== undefined) return there
  const wanted = `this test runs a real ${name}, which is not installed`
  if (process.getuid?.() !== 0 || found('apt-get') === undefined)
    throw new Error(`${wanted}: apt-get install ${debianPackage}`)
  try {
    await install(debianPackage)
  } catch (error) {
    throw new Error(`${wanted}, and apt-get could not install ${debianPackage}`, { cause: error })
  }
  const installed = found(name)
  if (installed === undefined) throw new Error(`${wanted}, nor is it in the Debian package ${debianPackage}`)
  return installed
}

function found(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin']
  return folders.map((folder) => join(folder || '.', name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Debian asks this file whether a service may be started; without it, an installed server runs at once. */
const policy = '/usr/sbin/policy-rc.d'

async function install(debianPackage: string): Promise<void> {
  const run = (...args: string[]) =>
    promisify(execFile)('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  const isOurs = !existsSync(policy)
  // It says no for as long as this process lives, so that one left behind by a kill stands in nobody's way.
  if (isOurs)
    writeFileSync(policy, `#!/bin/sh\nkill -0 ${process.pid} 2>/dev/null && exit 101\nexit 0\n`, { mode: 0o755 })
  try {
    await run('update')
    await run('install', '-y', '--no-install-recommends', debianPackage)
  } finally {
    if (isOurs) rmSync(policy, { force: true })
  }
}
