/** Programs in Go, within the module of test/interop/go. What they import is compiled once, by the machine's own Go. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Absent, cacheFolder } from './absent.ts'
import { runProgram } from './run-program.ts'
import { root } from './server.ts'

/** Where the compiled ones are, and an end to that. */
export type GoPrograms = { path(name: string): string; close(): void }

const imported = 'golang.org/x/oauth2/google/externalaccount'
let compiled: Promise<void> | undefined

/** What takes long. Begins at the first call; throws Absent. */
export function goModules(): Promise<void> {
  compiled ??= withModule(async (_, go) => {
    const fetched = await go('mod', 'download').catch(() => undefined)
    if (fetched === undefined) throw new Absent('there is no go')
    if (fetched.code !== 0) throw new Absent(`go could not get its modules: ${fetched.stderr.trim()}`)
    await succeeding(go('build', imported))
  })
  // Whoever waits for it hears of it.
  compiled.catch(() => {})
  return compiled
}

/** `sources`: by name, the one file of a program. Throws Absent; for what does not compile, an Error. */
export async function goPrograms(sources: Readonly<Record<string, string>>): Promise<GoPrograms> {
  await goModules()
  const bin = mkdtempSync(join(tmpdir(), 'countersign-go-'))
  const close = () => rmSync(bin, { recursive: true, force: true })
  try {
    await withModule(async (folder, go) => {
      for (const [name, source] of Object.entries(sources)) {
        mkdirSync(join(folder, name))
        writeFileSync(join(folder, name, 'main.go'), source)
      }
      await succeeding(go('build', '-o', bin, './...'))
    })
  } catch (error) {
    close()
    throw error
  }
  return { path: (name) => join(bin, name), close }
}

type Go = (...args: string[]) => ReturnType<typeof runProgram>

/** In a copy: the go command writes into its go.sum. */
async function withModule<T>(work: (folder: string, go: Go) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-go-'))
  const env = {
    ...process.env,
    GOPATH: cacheFolder('gopath'),
    GOCACHE: cacheFolder('gocache'),
    // The go command makes its module folders read-only, so that nobody could empty the cache by hand.
    GOFLAGS: '-mod=mod -modcacherw',
    // What is there, never another toolchain from elsewhere.
    GOTOOLCHAIN: 'local',
    CGO_ENABLED: '0',
  }
  try {
    for (const file of ['go.mod', 'go.sum']) cpSync(join(root, 'test/interop/go', file), join(folder, file))
    return await work(folder, (...args) => runProgram('go', args, { env, cwd: folder, seconds: 240 }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function succeeding(ran: ReturnType<Go>): Promise<void> {
  const { code, stderr } = await ran
  if (code !== 0) throw new Error(`go build: ${stderr}`)
}
