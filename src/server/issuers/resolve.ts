/**
 * From a host name to its addresses. The platform's own look-up (getaddrinfo) cannot be stopped and has four threads for
 * everybody, so that four names which never answer would keep every tenant waiting: it is for names that the operator
 * gave, or that stand in the hosts file. Everybody else's go to the name servers directly, and end with the deadline.
 */
import { lookup, Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { setTimeout as waited } from 'node:timers/promises'
import type { IssuerNetwork } from './network.ts'

export type Resolve = (host: string, signal: AbortSignal) => Promise<readonly string[]>

const hostsFile = '/etc/hosts'
/** ms that the addresses of one family wait for those of the other. */
const otherFamily = 1_000

export function addressesOf(network: IssuerNetwork): Resolve {
  return async (host, signal) => {
    const isOperators = network.kind === 'any' || network.hosts.has(host)
    if (isOperators || (await standsIn(hostsFile, host))) return byPlatform(host)
    return byNameServer(host, signal)
  }
}

const byPlatform: (host: string) => Promise<string[]> = async (host) =>
  (await lookup(host, { all: true })).map(({ address }) => address)

export async function byNameServer(host: string, signal: AbortSignal, servers?: readonly string[]): Promise<string[]> {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 })
  if (servers) resolver.setServers(servers)
  const cancel = () => resolver.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    const families = [resolver.resolve4(host), resolver.resolve6(host)] as const
    const first = await Promise.any(families)
    // Some name servers keep silent when they are asked for the other family: with one in hand it is not waited for long.
    const both = await Promise.race([Promise.allSettled(families), waited(otherFamily, undefined, { ref: false })])
    if (both) return both.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    resolver.cancel()
    return first
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

/** Whether a hosts file (hosts(5)) has an address for the name. */
async function standsIn(path: string, host: string): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.split('\n').some((line) => {
    const [, ...names] = (line.split('#')[0] ?? '').trim().split(/\s+/)
    return names.some((name) => name.toLowerCase() === host)
  })
}
