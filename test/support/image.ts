/** The last stage of the Dockerfile as a folder: what it copies, from this checkout and from a real build. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readDockerfile } from './dockerfile.ts'
import { root } from './server.ts'

/** What .dockerignore keeps out of the folders that it lets in. */
const kept = ['config/local.yaml', 'bin/build.js'].map((path) => join(root, path))

export type Image = { at: string; close(): void }

export function buildImage(): Image {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-image-'))
  const at = join(folder, 'app')
  mkdirSync(at)
  for (const { name, flags, words } of readDockerfile(join(root, 'Dockerfile')).at(-1)?.instructions ?? []) {
    if (name !== 'COPY') continue
    const to = join(at, words.at(-1) as string)
    for (const from of words.slice(0, -1)) {
      if (flags.from === undefined) copy(from, to)
      else if (from === '/app/dist') compile(to)
      else if (from === '/app/node_modules') linkDependencies(to)
      else throw new Error(`nothing here makes ${from}`)
    }
  }
  return { at, close: () => rmSync(folder, { recursive: true, force: true }) }
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  const target = from === 'package.json' ? join(to, from) : to
  cpSync(join(root, from), target, { recursive: true, filter: (path) => !kept.includes(path) })
}

function compile(outDir: string): void {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', outDir], { cwd: root, stdio: 'pipe' })
}

/** What `npm prune --omit=dev` leaves, by the lock file. */
function linkDependencies(to: string): void {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean }>
  }
  const there = new Set(readdirSync(join(root, 'node_modules'), { recursive: false }).filter((name) => name[0] !== '.'))
  for (const [path, { dev, devOptional }] of Object.entries(packages)) {
    const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path) ?? []
    if (name === undefined || dev || devOptional || !there.has(name.split('/')[0] as string)) continue
    mkdirSync(dirname(join(to, name)), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(to, name))
  }
}
