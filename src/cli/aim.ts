import { nameFor, readContexts } from './contexts.ts'
import { misuse } from './failure.ts'
import type { Io } from './io.ts'

export type Origin = 'option' | 'environment' | 'context' | 'default'
/** Whom to call, as whom, for which organization, and what said so. */
export type Aim = {
  url: string
  org: string | undefined
  secret: string | undefined
  context: string | undefined
  origins: { url: Origin; org?: Origin; secret?: Origin }
}

const byDefault = 'http://127.0.0.1:8080'

/** Throws Failure for a URL that is none, or a context that is not there. */
export function aimOf(io: Pick<Io, 'env' | 'home'>, options: { url?: string; org?: string; context?: string }): Aim {
  const { env } = io
  const { current, contexts } = readContexts(io)
  const asked = options.context ?? env.COUNTERSIGN_CONTEXT
  if (asked && !contexts[asked]) throw misuse(`there is no context ${asked}`, 'countersign context list')
  const chosen = asked || current
  const [said, saidBy] = first(
    [options.url, 'option'],
    // A context that was asked for is nearer than what the environment has for all calls.
    [asked ? undefined : env.COUNTERSIGN_URL, 'environment'],
    [chosen === undefined ? undefined : contexts[chosen]?.url, 'context'],
  ) ?? [byDefault, 'default' as const]
  const { url, org: inUrl } = parsed(said)
  // A key goes nowhere but to the URL that it was kept for.
  const fitting = (name: string | undefined) => name !== undefined && contexts[name]?.url === url
  const context = fitting(chosen) ? chosen : Object.keys(contexts).find((name) => fitting(name))
  const kept = context === undefined ? undefined : contexts[context]
  const org = first(
    [options.org, 'option'],
    [saidBy === 'option' ? inUrl : undefined, 'option'],
    [asked ? undefined : env.COUNTERSIGN_ORG, 'environment'],
    [inUrl, saidBy],
    [kept?.org, 'context'],
  )
  const secret = first([asked ? undefined : env.COUNTERSIGN_API_KEY?.trim(), 'environment'], [kept?.secret, 'context'])
  return {
    url,
    org: org?.[0],
    secret: secret?.[0],
    context: kept ? context : undefined,
    origins: { url: saidBy, ...(org ? { org: org[1] } : {}), ...(secret ? { secret: secret[1] } : {}) },
  }
}

const first = (...given: readonly (readonly [string | undefined, Origin])[]) =>
  given.find((each): each is readonly [string, Origin] => each[0] !== undefined && each[0] !== '')

/** The organization's own URL, `…/orgs/NAME`, says both. */
export function parsed(text: string): { url: string; org?: string } {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw misuse(`${text}: a URL begins with https:// (or http://)`, 'COUNTERSIGN_URL or --url')
  const { origin, pathname, username, search, hash } = new URL(text)
  if (username !== '' || search !== '' || hash !== '')
    throw misuse('the URL is that of the service alone: no user, query or fragment')
  const path = pathname.replace(/\/+$/, '')
  const [, base, org] = /^(.*)\/orgs\/([^/]+)$/.exec(path) ?? []
  return org === undefined ? { url: origin + path } : { url: origin + base, org: decoded(org) }
}

export const nameOf = (aim: Pick<Aim, 'url' | 'org'>): string =>
  nameFor({ url: aim.url, ...(aim.org === undefined ? {} : { org: aim.org }) })

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw misuse(`${text}: no organization has such a name`, 'COUNTERSIGN_URL or --url')
  }
}
