/**
 * The cookie of whoever is signed in: a secret, and nothing else. Of a name that no other host may set (RFC 6265bis §4.1.3.2);
 * over plain http, where there is no such name, of one that bears the port, since browsers tell hosts apart and ports not.
 */
import type { Request, Response } from 'express'

export type Cookie = {
  /** Undefined when there is none, or when it is given twice and nobody knows which is ours. */
  read(req: Request): string | undefined
  /** Also where it is given twice. */
  isGiven(req: Request): boolean
  /** `maxAge`: seconds. */
  set(res: Response, value: string, maxAge: number): void
  clear(res: Response): void
}

/** `purpose`: of another cookie than that of the session. */
export function cookieOf(publicUrl: string, purpose = ''): Cookie {
  const { protocol, port } = new URL(publicUrl)
  const isSecure = protocol === 'https:'
  const name = (isSecure ? '__Host-countersign' : `countersign-${port || 80}`) + purpose
  // The prefix wants the root as path, whatever the path of PUBLIC_URL.
  const attributes = `; Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`
  const givenIn = (req: Request) =>
    (req.headers.cookie ?? '').split(';').flatMap((pair) => {
      const [key = '', ...value] = pair.split('=')
      return key.trim() === name ? [value.join('=').trim()] : []
    })
  return {
    isGiven: (req) => givenIn(req).length > 0,
    read(req) {
      const given = givenIn(req)
      return given.length === 1 && given[0] !== '' ? given[0] : undefined
    },
    set: (res, value, maxAge) => void res.append('Set-Cookie', `${name}=${value}; Max-Age=${maxAge}${attributes}`),
    clear: (res) => void res.append('Set-Cookie', `${name}=; Max-Age=0${attributes}`),
  }
}
