/** ioredis, told to wait for nobody: one server, the master that sentinels name, or a cluster. */
import { Cluster, type RedisOptions as Options, Redis, type RedisCommander } from 'ioredis'

/** The shape of the setting REDIS_URL. */
export type RedisAddresses = {
  /** redis:// or rediss:// URLs: one; in the other modes those of the sentinels, or of some nodes. */
  urls: readonly string[]
  mode: 'single' | 'sentinel' | 'cluster'
  /** The name under which the sentinels know the master. */
  sentinelName: string
}

type RedisOptions = Omit<Options, 'replyMapping'>

export type Client = {
  /** What can be asked of Redis. Each ask names one key, so that a cluster can answer it. */
  commands: RedisCommander
  /** It does not try again by itself. */
  isOver(): boolean
  /** For good, and at once: what is under way fails. */
  close(): void
}

type Hears = {
  ready(): void
  /** Connecting failed, or the connection broke. It is tried again for ever. */
  failed(error: Error): void
}

/** ms. How long connecting and greeting may take, each; and the longest rest between two tries. */
export const connectTime = 1_000
const longestRest = 1_000
const rest = (tries: number) => Math.min(tries * 50, longestRest)

export function openClient(addresses: RedisAddresses, { ready, failed }: Hears): Client {
  const client = clientOf(addresses)
  client.on('ready', ready)
  // Without a listener every failed try is written to stderr.
  client.on('error', failed)
  return {
    commands: client,
    isOver: () => client.status === 'end',
    close: () => client.disconnect(),
  }
}

function clientOf({ urls, mode, sentinelName }: RedisAddresses): Redis | Cluster {
  const nodes = urls.map(nodeOf)
  const [first] = nodes
  if (!first) throw new TypeError('Redis needs an address')
  const { host, port, ...account } = first
  const options: RedisOptions = {
    ...account,
    connectTimeout: connectTime,
    // Of the greeting: what is asked has a shorter time of its own (connection.ts).
    commandTimeout: connectTime,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    retryStrategy: rest,
    // A socket that nobody answers is not waited for.
    disconnectTimeout: 50,
    // After a failover an old master says so; the new one is asked for anew.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    protocol: 2,
    disableClientInfo: true,
  }
  if (mode === 'single') return new Redis({ ...options, host, port })
  if (mode === 'sentinel') return new Redis({ ...options, ...sentinel(nodes, sentinelName) })
  const { retryStrategy: _, enableOfflineQueue: __, db: ___, ...redisOptions } = options
  return new Cluster(
    nodes.map((node) => ({ host: node.host, port: node.port })),
    {
      redisOptions,
      clusterRetryStrategy: rest,
      enableOfflineQueue: false,
      slotsRefreshTimeout: connectTime,
      slotsRefreshInterval: 5_000,
      // Names stay names, so that certificates fit them.
      dnsLookup: (address, found) => found(null, address),
    },
  )
}

/** The sentinels are asked as the servers are: the same user, the same password, TLS or not. */
function sentinel(nodes: readonly Node[], name: string): RedisOptions {
  const { username, password, tls } = nodes[0] as Node
  return {
    sentinels: nodes.map(({ host, port }) => ({ host, port })),
    name,
    sentinelRetryStrategy: rest,
    sentinelCommandTimeout: connectTime,
    ...(username && { sentinelUsername: username }),
    ...(password && { sentinelPassword: password }),
    ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: tls }),
  }
}

type Node = { host: string; port: number } & Pick<RedisOptions, 'username' | 'password' | 'db' | 'tls'>

/** redis[s]://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE] */
function nodeOf(text: string): Node {
  const url = new URL(text)
  const db = Number(url.pathname.slice(1))
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || 6379,
    ...(url.username && { username: decodeURIComponent(url.username) }),
    ...(url.password && { password: decodeURIComponent(url.password) }),
    ...(Number.isInteger(db) && db > 0 && { db }),
    ...(url.protocol === 'rediss:' && { tls: {} }),
  }
}
