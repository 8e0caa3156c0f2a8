// Makes dist/packages/NAME of a workspace package: what is published of it, compiled, with types. npm packs it from there.
import { spawnSync } from 'node:child_process'
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const name = process.argv[2] ?? ''
const from = join(root, 'src', name)
const to = join(root, 'dist/packages', name)

const source = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'))
rmSync(to, { recursive: true, force: true })
const files = readdirSync(from).filter((file) => file.endsWith('.ts'))
const compiler = join(root, 'node_modules/typescript/bin/tsc')
const config = join(from, 'tsconfig.json')
const { status } = spawnSync(process.execPath, [compiler, '-p', config, '--outDir', to], { stdio: ['ignore', 2, 2] })
if (status !== 0) throw new Error(`the compiler ended with ${status}`)
writeFileSync(
  join(to, 'package.json'),
  `${JSON.stringify(
    { ...source, types: './index.d.ts', exports: { '.': { types: './index.d.ts', default: './index.js' } } },
    null,
    2,
  )}\n`,
)
copyFileSync(join(from, 'README.md'), join(to, 'README.md'))
process.stdout.write(`${to}: ${files.length} modules; npm pack ${to}\n`)
