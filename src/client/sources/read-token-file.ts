import { SubjectTokenError } from '../federation-error.ts'
import type { Surroundings } from '../surroundings.ts'

/** What is in the file; undefined when there is none. Throws SubjectTokenError when it cannot be read. */
export async function readTokenFile(source: string, path: string, here: Surroundings): Promise<string | undefined> {
  try {
    return await here.readFile(path)
  } catch (error) {
    const code = (error as { code?: unknown })?.code
    if (code === 'ENAMETOOLONG') return undefined
    const why = typeof code === 'string' ? ` (${code})` : ''
    // The error itself holds the path as it was written.
    throw new SubjectTokenError(source, `${shownPath(path)} cannot be read${why}`, {
      ...(code === 'EACCES' && { hint: 'this process runs as a user who may not read it' }),
    })
  }
}

/** Where a path should be, there may stand the token itself: what has no folder and is long is not repeated. */
export function shownPath(path: string): string {
  return path.length < 24 || (/[/\\]/.test(path) && path.length < 1024) ? path : '(what stands there is no path)'
}
