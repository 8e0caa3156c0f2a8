// Of the command line's many small files, as they were compiled, a few large ones in their place: half of the time that a
// command takes is spent on finding and loading files. Where there is no esbuild, all stays as it is.
import { existsSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** `dist`: the folder that the compiler has filled. */
export async function joinFiles(dist) {
  const { build } = await import('esbuild').catch(() => ({}))
  if (build === undefined) return
  const cli = join(dist, 'cli')
  await build({
    entryPoints: [join(cli, 'main.js')],
    outdir: cli,
    // All in one folder, whose depth below the root counts (root.ts).
    chunkNames: 'part-[name]-[hash]',
    allowOverwrite: true,
    bundle: true,
    // What a command loads when it is called stays apart.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Large, and seldom needed.
    external: ['yaml', 'oidc-provider', 'jose'],
    // A package among them that is no module asks for Node's own by `require`.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    logLevel: 'error',
    plugins: [{ name: 'the server stays as it is', setup: (building) => apart(building, dist) }],
  })
}

/** What the service is made of has processes, threads and errors of its own, which know each other by their files. */
function apart({ onResolve }, dist) {
  onResolve({ filter: /(^|\/)server\/.*\.js$/ }, ({ path, resolveDir }) => {
    const file = join(resolveDir, path)
    if (!existsSync(file)) return undefined
    return { path: `../${relative(dist, file).split(sep).join('/')}`, external: true }
  })
}
