/**
 * Nobody's page but ours makes a browser change anything here. A browser says from where it asks: Sec-Fetch-Site where
 * the address is https or loopback, and Origin with whatever may change something; a page has a say in neither. Whoever
 * says nothing of both is no browser (the algorithm of Go's CrossOriginProtection, but that both must agree).
 */
import type { Request, RequestHandler } from 'express'
import { Refusal } from '../errors/refusal.ts'

type Needs = {
  publicUrl: () => string
  /**
   * Origin: null alone is taken too. A browser says so for a form of a page that sends no referrer, and over plain http
   * it says no more. Only for a path with a secret in it, which no other page knows.
   */
  secretPath?: boolean
}

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Refuses with cross_site what may change something and came from a page of another site. */
export function sameOrigin({ publicUrl, secretPath = false }: Needs): RequestHandler {
  return (req, _res, next) => {
    refuseOtherSites(req, publicUrl(), secretPath)
    next()
  }
}

export const isSafe = (method: string): boolean => safe.has(method)

/** Throws Refusal('cross_site'). */
export function refuseOtherSites(req: Request, publicUrl: string, secretPath = false): void {
  if (isSafe(req.method)) return
  const { origin, 'sec-fetch-site': site } = req.headers
  const own = () => ownOrigins(req, publicUrl)
  // `none`: the user, by hand.
  const fromSite = site === undefined || site === 'same-origin' || site === 'none'
  const isNull = origin === 'null' && (site !== undefined || secretPath)
  if (fromSite && (origin === undefined || isNull || own().includes(origin))) return
  throw new Refusal('cross_site', {
    says: `a page of another site sent this (Origin: ${shown(origin)}, Sec-Fetch-Site: ${shown(site)}); only pages of ${own()[0]} (PUBLIC_URL) may`,
  })
}

/** Where a browser may find us: at PUBLIC_URL, and at the name it has just asked for, with TLS ending here or before us. */
const ownOrigins = (req: Request, publicUrl: string): string[] => [
  new URL(publicUrl).origin,
  `${req.protocol}://${req.headers.host}`,
  `https://${req.headers.host}`,
]

const shown = (value: string | string[] | undefined) => (value === undefined ? 'none' : String(value).slice(0, 100))
