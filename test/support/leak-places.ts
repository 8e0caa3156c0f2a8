/** Where a service keeps things: its folder, its PostgreSQL, its Redis. Each is searched for secrets in plain form. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Redis } from 'ioredis'
import pg from 'pg'
import { createSeal } from '../../src/server/tokens/seal.ts'
import type { Leak, Leaks } from './leaks.ts'

/** What was searched, in bytes: nothing found where nothing was is no find. */
export type Searched = { leaks: Leak[]; bytes: { files: number; database: number; redis: number } }

type Env = Readonly<Record<string, string | undefined>>
type Rows = readonly Record<string, unknown>[]
type Piece = { where: string; data: string | Uint8Array }

/** After the service has ended, while its folder is there. What cannot be reached (any more) is passed over. */
export async function searchPlaces(leaks: Leaks, dataDir: string, env: Env): Promise<Searched> {
  const files = filesOf(leaks, dataDir)
  const database = env.DATABASE_URL?.startsWith('postgres') ? await rowsOf(env.DATABASE_URL) : []
  const keys = keysOf(dataDir, env.MASTER_KEY, [
    ...signingKeysIn(dataDir),
    ...database.flatMap(({ table, rows }) => (table === 'signing_keys' ? rows : [])),
  ])
  for (const key of keys) leaks.learnPrivateKey(key)
  const tables = database.flatMap(({ table, rows }) => piecesOf(`the table ${table}`, rows))
  const shared = await redisOf(env)
  return {
    leaks: [...files, ...tables, ...shared].flatMap(({ where, data }) => leaks.search(where, data)),
    bytes: { files: sizeOf(files), database: sizeOf(tables), redis: sizeOf(shared) },
  }
}

const sizeOf = (pieces: readonly Piece[]) => pieces.reduce((sum, { data }) => sum + data.length, 0)

/** All that is below the folder, but the master key's own file, from which it is learned. */
function filesOf(leaks: Leaks, dataDir: string): Piece[] {
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.flatMap(({ parentPath, name }) => {
    const data = readFileSync(join(parentPath, name))
    if (name === 'master.key') leaks.learnMasterKey(data.toString().trim())
    return name === 'master.key' ? [] : [{ where: `the file ${name}`, data }]
  })
}

function signingKeysIn(dataDir: string): Rows {
  return readdirSync(dataDir)
    .filter((name) => name.endsWith('.db'))
    .flatMap((name) => {
      try {
        const db = new DatabaseSync(join(dataDir, name), { readOnly: true })
        const rows = db.prepare('select kid, sealed from signing_keys').all()
        db.close()
        return rows
      } catch {
        // A test may have left it in any state.
        return []
      }
    })
}

/** The private keys that are sealed in these rows. */
function keysOf(dataDir: string, masterKey: string | undefined, rows: Rows): Buffer[] {
  const read = () => {
    try {
      return readFileSync(join(dataDir, 'master.key'), 'utf8').trim()
    } catch {
      return undefined
    }
  }
  const key = Buffer.from(masterKey || (read() ?? ''), 'base64')
  if (key.length !== 32) return []
  const seal = createSeal(key)
  return rows.flatMap(({ kid, sealed }) => {
    try {
      return [seal.open(String(sealed), String(kid)).plain]
    } catch {
      return []
    }
  })
}

function piecesOf(where: string, rows: Rows): Piece[] {
  const binary = rows.flatMap((row) => Object.values(row).filter((value) => Buffer.isBuffer(value)))
  const text = JSON.stringify(rows, (_, value: unknown) => (typeof value === 'object' && isBytes(value) ? null : value))
  return [{ where, data: text }, ...binary.map((data) => ({ where, data }))]
}

/** As a Buffer shows itself to JSON. */
const isBytes = (value: object | null) => value !== null && 'type' in value && value.type === 'Buffer'

async function rowsOf(url: string): Promise<{ table: string; rows: Rows }[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: 20_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows: tables } = await client.query<{ name: string }>(
      "select table_name as name from information_schema.tables where table_schema = 'public'",
    )
    const found: { table: string; rows: Rows }[] = []
    for (const { name } of tables) {
      const { rows } = await client.query(`select * from "${name}"`)
      found.push({ table: name, rows })
    }
    return found
  } catch {
    return []
  } finally {
    await client.end().catch(() => {})
  }
}

/** Of each address, what that server itself holds. */
async function redisOf({ REDIS_URL = '', REDIS_MODE = 'single' }: Env): Promise<Piece[]> {
  const urls = REDIS_MODE === 'sentinel' ? [] : REDIS_URL.split(',').filter(Boolean)
  return (await Promise.all(urls.map(keptIn))).flat()
}

const reads: Record<string, (key: string) => [command: string, ...args: string[]]> = {
  string: (key) => ['get', key],
  hash: (key) => ['hgetall', key],
  list: (key) => ['lrange', key, '0', '-1'],
  set: (key) => ['smembers', key],
  zset: (key) => ['zrange', key, '0', '-1', 'WITHSCORES'],
  stream: (key) => ['xrange', key, '-', '+'],
}

async function keptIn(url: string): Promise<Piece[]> {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: 1_000,
    commandTimeout: 2_000,
    maxRetriesPerRequest: 0,
  })
  redis.on('error', () => {})
  try {
    await redis.connect()
    const keys = await redis.keys('*')
    return await Promise.all(
      keys.map(async (key) => {
        const [command, ...args] = reads[await redis.type(key)]?.(key) ?? ['exists', key]
        return { where: `Redis, ${key}`, data: `${key} ${JSON.stringify(await redis.call(command, ...args))}` }
      }),
    )
  } catch {
    return []
  } finally {
    redis.disconnect()
  }
}
