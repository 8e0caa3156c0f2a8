/**
 * Access tokens in files, for programs that start often. Rules: a file for each identity and each wish, so that nobody is
 * served another's; readable by its owner alone (0600), or it is not read; written beside its place, flushed, and moved
 * there. Whatever is wrong with the cache costs an exchange, and nothing else: it is never why a token is not had.
 */
import type { Obtained } from './access-token.ts'
import { ConfigError } from './federation-error.ts'
import type { TokenProviderOptions } from './provider-options.ts'
import type { ProviderSettings } from './provider-settings.ts'
import type { RefreshTimes } from './refresh-times.ts'
import type { Found } from './sources/find.ts'
import { claimsOf } from './sources/unverified.ts'
import type { Environment, Surroundings } from './surroundings.ts'

export type FileCache = {
  /** `isForced`: none, and what is there goes. */
  read(found: Found, isForced: boolean): Promise<Obtained | undefined>
  write(found: Found, obtained: Obtained): Promise<void>
  /** What this process has read or written. */
  forget(): Promise<void>
}

/** ms; no token lives as long. */
const oldest = 86_400_000

/** None unless it is asked for. Throws ConfigError when nothing says where. */
export function openFileCache(
  cache: TokenProviderOptions['cache'],
  settings: ProviderSettings,
  here: Surroundings,
): FileCache | undefined {
  if (cache === undefined) return undefined
  const directory = cache === 'file' ? usersOwn(here.env) : cache.directory
  const touched = new Set<string>()
  const fileFor = async (found: Found) => {
    const file = `${directory}/${await keyOf(settings, found)}.json`
    touched.add(file)
    return file
  }
  return {
    async read(found, isForced) {
      const file = await fileFor(found)
      try {
        if (isForced) return void (await remove(file))
        return parsed(await readPrivate(file), found)
      } catch {
        return undefined
      }
    },
    async write(found, obtained) {
      const file = await fileFor(found)
      try {
        await writePrivate(directory, file, JSON.stringify(obtained))
        await sweep(directory, here.now())
      } catch {
        // A disk that is full, a home that is read-only: the next start exchanges anew.
      }
    },
    async forget() {
      for (const file of touched) await remove(file).catch(() => {})
    },
  }
}

/** Below the user's cache folder (XDG Base Directory; %LOCALAPPDATA% on Windows). */
function usersOwn(env: Environment): string {
  const home = env.HOME ?? env.USERPROFILE
  const folder = env.XDG_CACHE_HOME || env.LOCALAPPDATA || (home && `${home}/.cache`)
  if (!folder)
    throw new ConfigError('cache: nothing says where your cache folder is', {
      hint: 'cache: { directory }, or set HOME',
    })
  return `${folder}/countersign`
}

/** Of a token alone, and not of whom it names: when it was made, and which one it is (`aio`, `rh`, `uti`: of Entra's). */
const ofToken = new Set(['iat', 'nbf', 'exp', 'jti', 'auth_time', 'aio', 'rh', 'uti'])

/**
 * Of who asks and what for. The subject token itself is another each time, so it is what it says, all of it: a policy may
 * tell a branch or a pull request by any claim. Of a key, its digest.
 */
async function keyOf(
  { service, serviceAccount, scope, audience, target, ttl }: ProviderSettings,
  found: Found,
): Promise<string> {
  const claims = Object.entries(claimsOf(found.token) ?? {}).filter(([name]) => !ofToken.has(name))
  const identity = found.type === 'api_key' ? await digest(found.token) : claims.sort(([a], [b]) => (a < b ? -1 : 1))
  return digest(
    JSON.stringify([
      service.base,
      service.organization,
      serviceAccount,
      scope,
      audience,
      target,
      ttl,
      found.source,
      found.type,
      identity,
    ]),
  )
}

async function digest(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Whatever somebody else may have written there is no token. */
function parsed(text: string, { source }: Found): Obtained | undefined {
  const { token, scope, times, requestId } = JSON.parse(text) as Partial<Obtained>
  const isWhole = typeof token === 'string' && typeof scope === 'string' && isTimes(times)
  if (!isWhole) return undefined
  return { token, scope, times, requestId: typeof requestId === 'string' ? requestId : undefined, source }
}
const isTimes = (times: Partial<RefreshTimes> | undefined): times is RefreshTimes =>
  [times?.obtained, times?.advisory, times?.mandatory, times?.expiry].every(Number.isFinite)

const isWindows = () => globalThis.process?.platform === 'win32'

async function readPrivate(path: string): Promise<string> {
  const { constants, open } = await import('node:fs/promises')
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  try {
    const { mode, uid, size } = await file.stat()
    // What others could have written is not believed; what they could read is not added to.
    const isOurs = isWindows() || ((mode & 0o077) === 0 && uid === globalThis.process?.getuid?.())
    if (!isOurs || size > 1_048_576) throw new Error(`${path} is open to others`)
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

async function writePrivate(directory: string, path: string, text: string): Promise<void> {
  const { mkdir, open, rename, rm } = await import('node:fs/promises')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const fresh = `${path}.${crypto.randomUUID()}`
  try {
    const file = await open(fresh, 'wx', 0o600)
    try {
      await file.chmod(0o600)
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(fresh, path)
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
}

/** What no token that lives can be in: of jobs that have ended, and of programs that were killed while they wrote. */
async function sweep(directory: string, now: number): Promise<void> {
  const { readdir, stat } = await import('node:fs/promises')
  for (const name of await readdir(directory)) {
    if (!/^[0-9a-f]{64}\.json(\.|$)/.test(name)) continue
    const path = `${directory}/${name}`
    const { mtimeMs } = await stat(path)
    if (now - mtimeMs > oldest) await remove(path)
  }
}

async function remove(path: string): Promise<void> {
  const { rm } = await import('node:fs/promises')
  await rm(path, { force: true })
}
