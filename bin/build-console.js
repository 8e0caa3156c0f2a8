// Builds the web console into a folder: `node bin/build-console.js`, for npm start and the tests, into dist/console.
// Every file is kept compressed beside itself, so that serving it costs nothing.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url))
const root = path('src/console')
const place = path('dist/console')

/** Every source with its size and time. */
const likeness = () =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => [name, statSync(join(root, name))])
    .filter(([, found]) => found.isFile())
    .map(([name, { size, mtimeMs }]) => `${name} ${size} ${mtimeMs}`)
    .sort()
    .join('\n')

/** Into `out`, which must not be there yet. False where there is nothing to build it with. */
export async function buildConsole(out, quiet = true) {
  const { build } = await import('vite').catch(() => ({}))
  if (build === undefined) return false
  const { default: react } = await import('@vitejs/plugin-react')
  const sources = likeness()
  await build({
    configFile: false,
    root,
    // Wherever PUBLIC_URL has it: pieces find each other by where they are themselves.
    base: './',
    logLevel: quiet ? 'error' : 'info',
    plugins: [react()],
    build: {
      outDir: out,
      emptyOutDir: true,
      target: 'es2022',
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      chunkSizeWarningLimit: 800,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        output: {
          // What nearly every page has comes at once, with the first: not in twenty pieces, one after another.
          codeSplitting: { groups: [{ name: 'shared', minShareCount: 12, priority: 1 }] },
        },
      },
    },
  })
  for (const name of readdirSync(join(out, 'assets'))) {
    const file = join(out, 'assets', name)
    const bytes = readFileSync(file)
    if (bytes.length < 512 || !/\.(js|css|svg)$/.test(name)) continue
    writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }))
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
  }
  writeFileSync(join(out, '.built'), sources)
  return true
}

export const isConsoleBuilt = () => {
  const stamp = join(place, '.built')
  return existsSync(stamp) && (!existsSync(root) || readFileSync(stamp, 'utf8') === likeness())
}

/** Into dist/console, when it is not there as the sources are. Beside its place first: who asks meanwhile finds one whole. */
export async function ensureConsole(quiet = true) {
  if (isConsoleBuilt()) return
  const fresh = path(`dist.console.${process.pid}`)
  try {
    if (!(await buildConsole(fresh, quiet))) return
    mkdirSync(path('dist'), { recursive: true })
    rmSync(place, { recursive: true, force: true })
    renameSync(fresh, place)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

if (import.meta.main) await ensureConsole(false)
