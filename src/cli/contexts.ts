/**
 * What `countersign login` remembers: one context for each service, with its key. Rules: one file that nobody else may
 * read (0600, its folder 0700), written beside its place and moved there; a key is for the URL of its context alone.
 */
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Failure } from './failure.ts'
import type { Io } from './io.ts'
import { exit } from './terminal.ts'

/** `expires_at`: RFC 3339, of a secret that ends by itself. */
export type Context = { url: string; org?: string; secret?: string; expires_at?: string }
export type Contexts = { current?: string; contexts: Record<string, Context> }

export function configDir({ env, home }: Pick<Io, 'env' | 'home'>): string {
  if (env.COUNTERSIGN_CONFIG_DIR) return env.COUNTERSIGN_CONFIG_DIR
  return join(env.XDG_CONFIG_HOME || join(home, '.config'), 'countersign')
}

export const contextsFile = (io: Pick<Io, 'env' | 'home'>): string => join(configDir(io), 'contexts.json')

/** None when there is no file. Throws Failure for one that cannot be read. */
export function readContexts(io: Pick<Io, 'env' | 'home'>): Contexts {
  const file = contextsFile(io)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { contexts: {} }
    throw unreadable(file, (error as Error).message, error)
  }
  try {
    const read = JSON.parse(text) as Partial<Contexts> | null
    if (typeof read?.contexts !== 'object' || read.contexts === null) throw new Error('it has no contexts')
    const contexts = Object.assign(Object.create(null) as Record<string, Context>, read.contexts)
    return { ...(read.current === undefined ? {} : { current: read.current }), contexts }
  } catch (error) {
    throw unreadable(file, (error as Error).message, error)
  }
}

export function writeContexts(io: Pick<Io, 'env' | 'home'>, contexts: Contexts): void {
  const file = contextsFile(io)
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const fresh = `${file}.${process.pid}`
  // Whatever somebody has put there, open to others or leading elsewhere, is not written to: the mode is a new file's.
  rmSync(fresh, { force: true })
  writeFileSync(fresh, `${JSON.stringify(contexts, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  // Nor does a umask take anything from its owner.
  chmodSync(fresh, 0o600)
  renameSync(fresh, file)
}

/** Adds the context, or replaces the one of its name, and makes it the current one. */
export function saveContext(io: Pick<Io, 'env' | 'home'>, name: string, context: Context): void {
  const { contexts } = readContexts(io)
  contexts[name] = context
  writeContexts(io, { current: name, contexts })
}

/** Whether others on this machine may read it. */
export function isOpenToOthers(io: Pick<Io, 'env' | 'home'>): boolean {
  const found = statSync(contextsFile(io), { throwIfNoEntry: false })
  return found !== undefined && (found.mode & 0o077) !== 0
}

/** What a context is called when nobody says: by the host and, where there is one, the organization. */
export function nameFor({ url, org }: Pick<Context, 'url' | 'org'>): string {
  const { host } = new URL(url)
  return org === undefined ? host : `${org}@${host}`
}

const unreadable = (file: string, why: string, cause: unknown) =>
  new Failure(`${file} cannot be used: ${why}`, {
    exit: exit.usage,
    code: 'config_unreadable',
    hint: 'mend it, or remove it and log in again',
    cause,
  })
