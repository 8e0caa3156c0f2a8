/**
 * How the guarded fetch gets its connection. A name is resolved once; every address must be allowed; the connection goes
 * to a checked address, and the socket is asked again where it ended up. All of it ends with the signal: undici's own
 * connector stops for no signal, and takes its whole time for every address.
 */
import { isIP, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { buildConnector } from 'undici'
import { type IssuerNetwork, mayConnect } from './network.ts'
import type { Resolve } from './resolve.ts'

type Needs = {
  network: IssuerNetwork
  resolve: Resolve
  /** Certificates to trust in place of the platform's own, PEM. */
  ca: string | undefined
  /** ms for one address. */
  timeout: number
}
type Connected = Socket | TLSSocket

const mostAddresses = 4

export function createConnector({ network, resolve, ca, timeout }: Needs) {
  const connect = buildConnector({ allowH2: false, timeout, maxCachedSessions: 0, ...(ca && { ca }) })

  async function allowedAddresses(host: string, signal: AbortSignal): Promise<readonly string[]> {
    const addresses = isIP(host) ? [host] : await resolve(host, signal)
    if (addresses.length === 0) throw new Error('no address')
    // One bad address spoils all: a name that leads both ways is an attack or a mistake.
    if (!addresses.every((address) => mayConnect(address, host, network))) throw new Error('address not allowed')
    return addresses.slice(0, mostAddresses)
  }

  function isWhereItShouldBe(socket: Connected, address: string, host: string): boolean {
    const { remoteAddress } = socket
    if (remoteAddress === undefined || !mayConnect(remoteAddress, host, network)) return false
    return network.kind === 'any' || sameAddress(remoteAddress, address)
  }

  /** Rejects when the address does not answer, and with the signal. */
  function connectTo(address: string, host: string, options: buildConnector.Options, signal: AbortSignal) {
    return new Promise<Connected>((resolve, reject) => {
      // Without a servername the certificate would be held against the address. Node refuses literals as names.
      const name = options.protocol === 'https:' && !isIP(host) ? { servername: host } : {}
      const attempt = connect({ ...withoutName(options), ...name, hostname: address }, (error, socket) => {
        signal.removeEventListener('abort', stop)
        if (error) return reject(error)
        if (isWhereItShouldBe(socket, address, host)) return resolve(socket)
        socket.destroy()
        reject(new Error('connected elsewhere'))
      }) as unknown as Socket | undefined
      const stop = () => {
        attempt?.destroy()
        reject(signal.reason)
      }
      signal.addEventListener('abort', stop, { once: true })
    })
  }

  async function connected(options: buildConnector.Options, signal: AbortSignal): Promise<Connected> {
    const host = options.hostname.replace(/^\[|\]$/g, '')
    let last: unknown
    for (const address of await before(signal, allowedAddresses(host, signal))) {
      signal.throwIfAborted()
      try {
        return await connectTo(address, host, options, signal)
      } catch (error) {
        last = error
      }
    }
    throw last
  }

  return (signal: AbortSignal): buildConnector.connector =>
    (options, callback) => {
      connected(options, signal).then(
        (socket) => callback(null, socket),
        (error) => callback(error, null),
      )
    }
}

/** What the work brings, unless the signal comes first. */
function before<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const stop = () => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', stop))
}

function sameAddress(one: string, other: string): boolean {
  const plain = (address: string) => URL.parse(`http://${isIP(address) === 6 ? `[${address}]` : address}`)?.hostname
  return plain(one) === plain(other)
}

function withoutName({ servername: _, ...options }: buildConnector.Options): buildConnector.Options {
  return options
}
