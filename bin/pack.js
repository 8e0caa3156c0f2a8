// Makes of a workspace package what is published of it: compiled, with types, in dist/packages/NAME, and the tarball beside it.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const [name = '', packages = join(root, 'dist/packages')] = process.argv.slice(2)
const from = join(root, 'src', name)
const to = join(packages, name)

if (name === '' || !existsSync(join(from, 'package.json'))) throw new Error(`src/${name} is no package`)
rmSync(to, { recursive: true, force: true })
run(process.execPath, [
  join(root, 'node_modules/typescript/bin/tsc'),
  '-p',
  join(from, 'tsconfig.json'),
  '--outDir',
  to,
])
const source = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'))
const exports = { '.': { types: './index.d.ts', default: './index.js' } }
writeFileSync(join(to, 'package.json'), `${JSON.stringify({ ...source, types: './index.d.ts', exports }, null, 2)}\n`)
// A licence comes along as soon as there is one.
for (const [file, at] of [
  ['README.md', from],
  ['LICENSE', root],
])
  if (existsSync(join(at, file))) copyFileSync(join(at, file), join(to, file))
run('npm', ['pack', '--silent', '--pack-destination', packages, to])

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) throw error ?? new Error(`${command} ended with ${status}`)
}
