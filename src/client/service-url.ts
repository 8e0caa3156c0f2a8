/** The one URL that a workload is given, and what follows from it. */
import { ConfigError } from './federation-error.ts'

export type ServiceUrl = {
  /** Of the service, with its path prefix, without a slash at the end. Tokens and keys go below it, and nowhere else. */
  readonly base: string
  readonly organization: string | undefined
  /**
   * The organization's URL as it was given: what the platform is asked for. Nobody is asked what that should be: a service
   * that is not ours could have us fetch a token that is meant for somebody else.
   */
  readonly audience: string | undefined
}

/** Throws ConfigError for what is no URL of a service: no https, a user, a query. */
export function parseServiceUrl(text: string): ServiceUrl {
  if (!URL.canParse(text)) throw new ConfigError(`${shown(text)} is no URL`, { hint: example })
  const url = new URL(text)
  if (!isConfidential(url))
    throw new ConfigError(`${url.origin} is not https: whoever is between could read the token`, {
      hint: 'give the https URL; http does on this machine alone',
    })
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new ConfigError('the URL is that of the service alone: no user, query or fragment', { hint: example })
  const path = url.pathname.replace(/\/+$/, '')
  const [, prefix, organization] = /^(.*)\/orgs\/([^/]+)$/.exec(path) ?? []
  if (organization === undefined || prefix === undefined)
    return { base: url.origin + path, organization: undefined, audience: undefined }
  return {
    base: url.origin + prefix,
    organization: decoded(organization),
    audience: text.trim().replace(/\/+$/, ''),
  }
}

function decoded(organization: string): string {
  try {
    return decodeURIComponent(organization)
  } catch {
    throw new ConfigError('the name of the organization in the URL is not well escaped', { hint: example })
  }
}

const example = 'the organization’s URL looks like https://countersign.example/orgs/acme'

/** Text that may hold anything, a key too, in a sentence. */
const shown = (text: string) =>
  /^[\x20-\x7e]{1,200}$/.test(text) && !/[\w-]{20}/.test(text) ? `"${text}"` : 'what was given'

/** Whether nobody on the way can read along: https, or this machine. */
export function isConfidential({ protocol, hostname }: URL): boolean {
  if (protocol === 'https:') return true
  return protocol === 'http:' && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname)
}
