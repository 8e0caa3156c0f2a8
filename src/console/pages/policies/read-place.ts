/**
 * What is pasted in place of a policy: the address of a repository, pipeline or app, or the name of a workload. Nothing is
 * asked of anybody: what the address does not say stays open. Pure.
 */
import { readCloud } from './places/clouds.ts'
import { readBitbucket, readGithub, readGitlab } from './places/forges.ts'
import { readBuildkite, readCircleci, readFly, readTerraform, readVercel } from './places/pipelines.ts'
import type { Address, Place } from './places/reading.ts'

export type Registered = { name: string; issuer: string; preset: string | null }
type Context = { issuers: readonly Registered[]; chosen: Registered | undefined }

const publicHosts: readonly (readonly [host: RegExp, read: (address: Address) => Place | undefined])[] = [
  [/^(?:www\.)?github\.com$|\.ghe\.com$/, readGithub],
  [/^gitlab\.com$/, readGitlab],
  [/^bitbucket\.org$/, readBitbucket],
  [/^(?:app\.)?circleci\.com$/, readCircleci],
  [/^buildkite\.com$/, readBuildkite],
  [/^app(?:\.eu)?\.terraform\.io$/, readTerraform],
  [/^vercel\.com$/, readVercel],
  [/^fly\.io$|\.fly\.dev$/, readFly],
]
const ownHosts: Readonly<Record<string, (address: Address) => Place | undefined>> = {
  github: readGithub,
  gitlab: readGitlab,
  'hcp-terraform': readTerraform,
}

export function readPlace(pasted: string, { issuers, chosen }: Context): Place | undefined {
  const text = pasted.trim()
  if (text.length > 2048) return undefined
  const cloud = readCloud(text, chosen?.preset ?? undefined)
  if (cloud) return cloud
  const address = addressIn(text)
  if (!address) return bareName(text, chosen)
  const reader = publicHosts.find(([host]) => host.test(address.host))?.[1]
  if (reader) return reader({ ...address, host: address.host.replace(/^www\./, '') })
  // An instance of one's own is known by the issuer that is registered for it.
  const preset = issuers.find((one) => one.preset !== null && hostOf(one) === address.host)?.preset
  return preset && Object.hasOwn(ownHosts, preset) ? ownHosts[preset]?.(address) : undefined
}

/** `acme/app`, where it is clear of what. */
function bareName(text: string, chosen: Registered | undefined): Place | undefined {
  if (!/^[\w.-]+(?:\/[\w.-]+)+$/.test(text)) return undefined
  const address = { path: text.split('/'), query: new URLSearchParams() }
  if (chosen?.preset === 'github') return readGithub({ ...address, host: hostOf(chosen) ?? 'github.com' })
  if (chosen?.preset === 'gitlab') return readGitlab({ ...address, host: hostOf(chosen) ?? 'gitlab.com' })
  return undefined
}

/** As browsers, git and people write it. A user name or password in it is not looked at. */
function addressIn(text: string): Address | undefined {
  const written = text
    .replace(/^(?:ssh:\/\/)?git@([\w.-]+)(?::\d+\/|[:/])/, 'https://$1/')
    .replace(/^(?=(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?\/)/i, 'https://')
  if (!/^https?:\/\//i.test(written) || !URL.canParse(written)) return undefined
  const { host, pathname, searchParams } = new URL(written)
  try {
    const path = pathname.split('/').filter(Boolean).map(decodeURIComponent)
    return { host, path, query: searchParams }
  } catch {
    return undefined
  }
}

/** Where the repositories are whose jobs have tokens of this issuer, as far as its URL tells. */
export function hostOf({ issuer, preset }: Registered): string | undefined {
  if (!URL.canParse(issuer)) return undefined
  const { host, pathname } = new URL(issuer)
  if (preset !== 'github') return preset === 'gitlab' || preset === 'hcp-terraform' ? host : undefined
  if (host === 'token.actions.githubusercontent.com') return 'github.com'
  const subdomain = /^token\.actions\.(.+\.ghe\.com)$/.exec(host)?.[1]
  return subdomain ?? (pathname === '/_services/token' ? host : undefined)
}

/** Whose tokens a job there has: the registered issuer, if it is clear. */
export function issuerFor(place: Place, issuers: readonly Registered[], chosen?: Registered): Registered | undefined {
  const likely = issuers.filter(({ preset }) => preset === place.preset)
  const same = likely.filter((one) => place.host !== undefined && hostOf(one) === place.host)
  if (same.length > 0) return same.find(({ name }) => name === chosen?.name) ?? same[0]
  // Of one whose URL does not tell where its repositories are, the preset's word is taken.
  const unclear = likely.filter((one) => place.host === undefined || hostOf(one) === undefined)
  return unclear.find(({ name }) => name === chosen?.name) ?? (unclear.length === 1 ? unclear[0] : undefined)
}
