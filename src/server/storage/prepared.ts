import type { Compilable, CompiledQuery } from 'kysely'
import type { Database } from './database.ts'

/** Stands where an argument will be. */
class Hole {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/**
 * A question that is compiled once and asked often: compiling costs more than the answer. `build` gets the database and
 * a stand-in for each argument, to be used as a value; what it returns is compiled at the first asking.
 */
export function prepared<Args extends Record<string, string | number | null>, R>(
  db: Database,
  build: (db: Database, args: Args) => Compilable<R>,
): (args: Args) => Promise<R[]> {
  const stand = new Proxy({}, { get: (_, name) => new Hole(String(name)) }) as Args
  let compiled: CompiledQuery | undefined
  return async (args) => {
    compiled ??= build(db, stand).compile()
    const parameters = compiled.parameters.map((value) => (value instanceof Hole ? args[value.name] : value))
    return (await db.executeQuery<R>({ ...compiled, parameters } as CompiledQuery<R>)).rows
  }
}
