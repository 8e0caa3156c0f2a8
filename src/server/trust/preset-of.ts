/** Which preset a URL is, and whether others bear the same one. The patterns are compiled once. */
import { literal } from './literal.ts'
import type { Preset, PresetIssuer } from './preset.ts'

export type Presets = {
  all: readonly Preset[]
  /** By name. */
  find(name: string): Preset | undefined
  /** Whose issuer URL this is, compared code point by code point but for placeholders. */
  of(issuerUrl: string): Preset | undefined
  /** Whether other tenants have tokens of this very issuer; `preset`: what it is registered as, when it is named. */
  isShared(issuerUrl: string, preset?: string | null): boolean
}

type Known = { preset: Preset; issuer: PresetIssuer; fits: RegExp; literals: number }

export function createPresets(all: readonly Preset[]): Presets {
  const byName = new Map<string, Preset>(all.map((preset) => [preset.name, preset]))
  // What says more is asked first: an exact URL before one with placeholders.
  const known = all
    .flatMap((preset) => preset.issuers.map((issuer) => knownOf(preset, issuer)))
    .sort((one, other) => other.literals - one.literals)
  const recognized = known.filter(({ issuer }) => issuer.recognized)
  const find = (name: string) => byName.get(name)
  return Object.freeze({
    all,
    find,
    of: (url) => recognized.find(({ fits }) => fits.test(url))?.preset,
    isShared(url, preset) {
      const own = recognized.find(({ fits }) => fits.test(url))
      if (own) return own.issuer.shared
      const named = known.find(({ fits, preset: { name } }) => name === preset && fits.test(url))
      return named?.issuer.shared ?? false
    },
  } satisfies Presets)
}

const placeholder = /\{\w+\}/g

function knownOf(preset: Preset, issuer: PresetIssuer): Known {
  const [scheme = '', rest = ''] = issuer.url.split('://')
  const [host = '', ...segments] = rest.split('/')
  const authority = /^\{\w+\}$/.test(host) ? '[^/?#@]+' : patternOf(host, '[A-Za-z0-9-]+')
  const path = segments.map((segment) => `/${patternOf(segment, '[^/?#]+')}`).join('')
  return {
    preset,
    issuer,
    fits: new RegExp(`^${scheme}://${authority}${path}$`),
    literals: issuer.url.replace(placeholder, '').length,
  }
}

/** The text as it stands, with `anything` for each placeholder. */
const patternOf = (text: string, anything: string) => text.split(placeholder).map(literal).join(anything)
