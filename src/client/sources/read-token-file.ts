import { SubjectTokenError } from '../federation-error.ts'
import type { Surroundings } from '../surroundings.ts'

/** What is in the file; undefined when there is none. Throws SubjectTokenError when it cannot be read. */
export async function readTokenFile(source: string, path: string, here: Surroundings): Promise<string | undefined> {
  try {
    return await here.readFile(path)
  } catch (error) {
    const why = (error as { code?: unknown })?.code
    throw new SubjectTokenError(source, `${path} cannot be read${typeof why === 'string' ? ` (${why})` : ''}`, {
      cause: error,
      ...(why === 'EACCES' && { hint: 'this process runs as a user who may not read it' }),
    })
  }
}
