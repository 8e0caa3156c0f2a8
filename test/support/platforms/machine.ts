/**
 * A machine that is not this one, as far as the client package sees: an environment (its PATH leads to programs), files, sockets
 * and a network of its own.
 * What is not given does not exist: a request to an address that leads nowhere fails as on a network that has no such host.
 */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ownSurroundings, type Surroundings } from '../../../src/client/surroundings.ts'

export type Machine = Surroundings & {
  /** To be set and changed while it runs. An Error: there, and cannot be read. */
  files: Record<string, string | Error>
  /** Requests that led nowhere, by origin. */
  astray: string[]
}
export type MachineParts = {
  env?: Record<string, string | undefined>
  files?: Record<string, string | Error>
  /** Where an origin that the client asks for is on loopback. null: what is sent there is swallowed. Loopback itself is reached as it is. */
  routes?: Record<string, string | null>
  /** Where a socket's path is in truth. */
  sockets?: Record<string, string>
}

const swallowed = (signal: AbortSignal | null | undefined) =>
  new Promise<never>((_, reject) => {
    const end = () => reject(signal?.reason)
    if (signal?.aborted) end()
    else signal?.addEventListener('abort', end, { once: true })
  })

export function machine({ env = {}, files = {}, routes = {}, sockets = {} }: MachineParts = {}): Machine {
  const own = ownSurroundings()
  const astray: string[] = []
  return {
    env,
    files,
    astray,
    now: own.now,
    async readFile(path) {
      const file = files[path]
      if (file instanceof Error) throw file
      return file
    },
    fetch: async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input)
      const route = url.hostname === '127.0.0.1' ? url.origin : routes[url.origin]
      if (route === null) return swallowed(init?.signal)
      if (route === undefined) {
        astray.push(url.origin)
        throw new TypeError('fetch failed', {
          cause: Object.assign(new Error('connect EHOSTUNREACH'), { code: 'EHOSTUNREACH' }),
        })
      }
      return own.fetch(new URL(url.pathname + url.search, route), init)
    },
    run: (program, ...rest) => own.run(onPath(program, env.PATH), ...rest),
    ask: async (socket, request) => own.ask(sockets[socket] ?? '/nowhere', request),
  }
}

/** Where the program is; nowhere, when it is in no folder of that PATH. */
export function onPath(program: string, path = ''): string {
  const isThere = (file: string) => {
    try {
      accessSync(file, constants.X_OK)
      return true
    } catch {
      return false
    }
  }
  const folders = path.split(delimiter).filter(Boolean)
  return folders.map((folder) => join(folder, program)).find(isThere) ?? join('/nowhere', program)
}
