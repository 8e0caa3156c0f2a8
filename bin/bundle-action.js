// Makes deploy/ci/github/index.mjs, the one file that a runner starts: from a tag it takes what is there, and builds nothing.
// `node bin/bundle-action.js FILE` writes another file.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../', import.meta.url))
const [outfile = join(root, 'deploy/ci/github/index.mjs')] = process.argv.slice(2)

await build({
  absWorkingDir: root,
  entryPoints: ['deploy/ci/github/src/main.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  // What action.yml names.
  target: 'node24',
  charset: 'utf8',
  banner: { js: '// Made by `npm run bundle:action` from deploy/ci/github/src and src/client.' },
  logLevel: 'warning',
})
