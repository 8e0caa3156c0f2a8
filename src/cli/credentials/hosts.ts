/**
 * Whom a credential may be handed to. Rules: nobody who was not named; https, or this machine; the whole host and its port;
 * and a token that opens that host alone. git and Docker ask for whatever host they were sent to: a stranger's too.
 */
import { misuse } from '../failure.ts'

/** `host`: with its port, where it is not that of the scheme. `path`: '' for all; undefined: one that is below none. */
export type Place = { isLocal: boolean; isHttps: boolean; host: string; path: string | undefined }
export type Named = { place: Place; written: string; target: string | undefined }

/** `HOST[:PORT][/PATH][=TARGET] …`, with white space or commas between. Throws Failure. */
export function namedHosts(texts: readonly string[]): Named[] {
  return texts
    .flatMap((text) => text.split(/[\s,]+/))
    .filter((text) => text !== '')
    .map((text) => {
      const [, written = '', target] = /^([^=]+)(?:=(.+))?$/.exec(text) ?? []
      const place = placeOf(written)
      if (place?.path === undefined) throw misuse(`${text} names no host`, 'HOST, HOST:PORT or HOST/PATH; then =TARGET')
      if (target !== undefined && !URL.canParse(target)) throw misuse(`${text}: the target is no URI`)
      return { place, written, target }
    })
}

/** The entry that fits: the one with the longest path. */
export function entryFor(named: readonly Named[], asked: Place): Named | undefined {
  if (!asked.isHttps && !asked.isLocal) return undefined
  const fitting = named.filter(({ place }) => place.host === asked.host && isBelow(asked.path, place.path))
  return fitting.sort((a, b) => (b.place.path ?? '').length - (a.place.path ?? '').length)[0]
}

/** A URL, or a host with what follows it, which is https. undefined: it is neither. */
export function placeOf(text: string): Place | undefined {
  const [, scheme = 'https', authority = '', path = ''] =
    /^(?:(https?):\/\/)?([^/\s\\@?#*]+)(?:\/(.*))?$/i.exec(text) ?? []
  const origin = `${scheme}://${authority}`
  if (authority === '' || !URL.canParse(origin)) return undefined
  const { protocol, host, hostname } = new URL(origin)
  const isLocal = hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
  return { isHttps: protocol === 'https:', isLocal, host, path: plain(path) }
}

/** Whoever could climb out of a path, by dots or by how they are spelled, is below none. */
function plain(path: string): string | undefined {
  const parts = path.replace(/\/$/, '').split('/')
  const isPlain = path === '' || parts.every((part) => /^[\w.~+-]+$/.test(part) && part !== '.' && part !== '..')
  return isPlain ? parts.join('/') : undefined
}

const isBelow = (path: string | undefined, base: string | undefined) =>
  base === '' || (path !== undefined && base !== undefined && (path === base || path.startsWith(`${base}/`)))
