// Which of the two runs: what was built, as long as nothing of the sources is newer; else the sources as they are, whose
// types Node strips. The built one takes 20 MB less.
import { existsSync, readdirSync, statSync } from 'node:fs'

const root = new URL('../', import.meta.url)
const sources = new URL('src/', root)
/** Made by bin/build.js, with the time at which that build began. An image has no sources, and needs none. */
export const stamp = new URL('dist/.built', root)

export function isBuilt() {
  if (!existsSync(sources)) return true
  if (!existsSync(stamp)) return false
  const builtAt = statSync(stamp).mtimeMs
  const files = readdirSync(sources, { recursive: true }).map((path) => new URL(path, sources))
  return files.every((file) => statSync(file).mtimeMs <= builtAt)
}
