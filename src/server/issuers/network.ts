/**
 * Which addresses may be reached for an issuer. ISSUER_NETWORK is the operator's: an organization can neither see it nor
 * widen it. Pure. Thinks in what is allowed: IPv4 outside every special range, IPv6 within 2000::/3 and outside them.
 */
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

type Address = ReturnType<typeof ipaddr.parse>

export type IssuerNetwork =
  | { readonly kind: 'any' }
  | {
      readonly kind: 'public'
      readonly cidrs: readonly (readonly [Address, number])[]
      /** Host names in lower case, to the one port that they may be reached at. */
      readonly hosts: ReadonlyMap<string, number>
    }

export const publicNetwork: IssuerNetwork = { kind: 'public', cidrs: [], hosts: new Map() }

const hostForm =
  /^(?=.{1,253}(?::|$))([a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*)(?::(\d{1,5}))?$/

/**
 * `public`, `any`, or a comma list of CIDRs (or addresses) and host names (`host` or `host:port`) that are allowed
 * besides. Throws an Error with one plain sentence that names the value which cannot be.
 */
export function parseIssuerNetwork(text: string): IssuerNetwork {
  const words = text.split(',').map((word) => word.trim().toLowerCase())
  if (words.length === 1 && words[0] === 'any') return { kind: 'any' }
  const cidrs: (readonly [Address, number])[] = []
  const hosts = new Map<string, number>()
  for (const word of words) {
    if (word === 'public') continue
    if (ipaddr.isValidCIDR(word)) cidrs.push(ipaddr.parseCIDR(word))
    else if (isIP(word)) cidrs.push([ipaddr.parse(word), isIP(word) === 4 ? 32 : 128])
    else {
      const [, host, port = '443'] = hostForm.exec(word) ?? []
      if (!host || word === 'any' || /^[\d.]+$/.test(host) || Number(port) < 1 || Number(port) > 65_535) {
        throw new Error(`ISSUER_NETWORK: "${word}" is neither public, any (alone), a CIDR nor a host name`)
      }
      hosts.set(host, Number(port))
    }
  }
  return { kind: 'public', cidrs, hosts }
}

/** The same in one spelling, whatever the order and the case in which it was written. */
export function networkText(network: IssuerNetwork): string {
  if (network.kind === 'any') return 'any'
  const cidrs = network.cidrs.map(([base, bits]) => `${base.toString()}/${bits}`)
  const hosts = [...network.hosts].map(([host, port]) => (port === 443 ? host : `${host}:${port}`))
  return ['public', ...[...cidrs, ...hosts].sort()].join(',')
}

/**
 * Why a URL cannot be an issuer's here, as a sentence without its subject ("must …"); undefined when it can. Judges the
 * text alone: where its name leads is judged whenever it is fetched.
 */
export function judgeUrl(text: string, network: IssuerNetwork): string | undefined {
  if (text.length > 2048) return 'must not be longer than 2,048 characters'
  // The WHATWG parser mends white space, backslashes and empty parts; the text is compared as it stands, so it may not.
  if (!/^[!-[\]-~]+$/.test(text)) return 'must be an absolute URL in ASCII, without white space or backslashes'
  const url = URL.parse(text)
  if (!url || !/^https?:\/\/[^/]/i.test(text)) return 'must be an absolute https URL'
  const insecure = network.kind === 'any' && url.protocol === 'http:'
  if (url.protocol !== 'https:' && !insecure) return 'must be an https URL'
  if (text.includes('?') || text.includes('#')) return 'must not have a query or a fragment'
  if (/^[^/]*\/\/[^/]*@/.test(text)) return 'must not have a user name or password'
  if (network.kind === 'any') return undefined

  const host = url.hostname
  if (isIP(host.replace(/^\[|\]$/g, ''))) return 'must name a host, not an IP address'
  const port = url.port === '' ? 443 : Number(url.port)
  const listed = network.hosts.get(host)
  if (port !== 443 && port !== listed) return 'must not name a port'
  if (listed === undefined && !/[^.]\.[^.]+$/.test(host)) return 'must name a host by its full domain name'
  return undefined
}

/** Whether an address that `host` resolved to may be connected to. */
export function mayConnect(address: string, host: string, network: IssuerNetwork): boolean {
  if (network.kind === 'any') return true
  if (!ipaddr.isValid(address) || address.includes('%')) return false
  const parsed = ipaddr.parse(address)
  if (network.hosts.has(host)) return true
  if (network.cidrs.some(([base, bits]) => base.kind() === parsed.kind() && parsed.match(base, bits))) return true
  return isGlobalUnicast(parsed)
}

const globalUnicast6 = ipaddr.parseCIDR('2000::/3')
/** Answers inside every Azure network, though it is a public address by registry. */
const azureWireServer = '168.63.129.16'

function isGlobalUnicast(address: Address): boolean {
  if (address.range() !== 'unicast') return false
  return address.kind() === 'ipv4' ? address.toString() !== azureWireServer : address.match(globalUnicast6)
}
