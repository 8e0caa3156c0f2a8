// Builds what is missing, for npm start. Where it cannot (no compiler is installed, or the folder is not ours), the
// sources run as they are.
import { spawnSync } from 'node:child_process'
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildConsole } from './build-console.js'
import { isBuilt, likeness, stamp } from './built.js'
import { joinFiles } from './one-file.js'

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url))
const compiler = path('node_modules/typescript/bin/tsc')

if (!isBuilt() && existsSync(compiler)) {
  process.stderr.write('building dist/ …\n')
  const sources = likeness()
  // Beside its place first: who starts meanwhile finds the old one whole, or the new one.
  const fresh = path(`dist.${process.pid}`)
  try {
    const args = [compiler, '-p', path('tsconfig.build.json'), '--outDir', fresh]
    const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 2, 2] })
    if (status !== 0) throw new Error(`the compiler ended with ${status}`)
    await joinFiles(fresh)
    await buildConsole(join(fresh, 'console'))
    rmSync(path('dist'), { recursive: true, force: true })
    renameSync(fresh, path('dist'))
    writeFileSync(stamp, sources)
  } catch (error) {
    // Of two builds at once, the other may have been there first.
    if (!isBuilt()) process.stderr.write(`not built (${error.message}): the sources run as they are\n`)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}
