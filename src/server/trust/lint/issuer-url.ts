/** The URL of an issuer: whose it is, and whether it can be one at all. */
import type { Finding } from '../finding.ts'
import type { AboutIssuer, LintedRegistration } from './registration.ts'
import { quoted, say } from './say.ts'

export function urlFindings(issuer: LintedRegistration, about: AboutIssuer): Finding[] {
  return [...inCluster(issuer, about), ...noTenant(issuer), ...shadows(issuer, about), ...address(issuer, about)]
}

function inCluster({ url, fetched }: LintedRegistration, { publicOnly }: AboutIssuer): Finding[] {
  if (!fetched || !/^https?:\/\/kubernetes\.default(\.svc(\.cluster\.local)?)?(:\d+)?(\/|$)/.test(url)) return []
  return [
    say(
      'LR24',
      publicOnly ? 'error' : 'warn',
      `${quoted(url)} is what every cluster calls itself inside: from here it leads nowhere, or to another cluster`,
      { jwks: { keys: ['<the cluster’s public keys: kubectl get --raw /openid/v1/jwks>'] } },
    ),
  ]
}

const entraHost =
  /^https:\/\/(login\.microsoftonline\.(com|us)|login\.partner\.microsoftonline\.cn|sts\.windows\.net)\//
/** The tenant that an issuer of Entra ID names: an id, or a domain. */
export function entraTenant(url: string): string | undefined {
  const [tenant = ''] = url.replace(entraHost, '').split('/')
  return entraHost.test(url) && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(tenant) ? tenant : undefined
}

function noTenant({ url }: LintedRegistration): Finding[] {
  if (!entraHost.test(url) || entraTenant(url)) return []
  return [
    say(
      'LR27',
      'error',
      `${quoted(url)} names no tenant of Entra ID by its id, so anybody’s tenant is as good as yours`,
      {
        issuer: 'https://login.microsoftonline.com/<tenant id>/v2.0',
      },
    ),
  ]
}

/** A known host that is none of its provider's issuers, or is said to be somebody else's; or one that only looks like it. */
function shadows(issuer: LintedRegistration, { presets }: AboutIssuer): Finding[] {
  const host = hostOf(issuer.url)
  const byUrl = presets.of(issuer.url)
  const known = presets.all.flatMap(({ name, issuers }) =>
    issuers.flatMap(({ url }) => (/^https:\/\/[^/{]+(\/|$)/.test(url) ? [{ name, host: hostOf(url) }] : [])),
  )
  const owner = known.find((one) => one.host === host || host.startsWith(`${one.host}.`))
  if (!owner || (byUrl && (issuer.preset ?? byUrl.name) === byUrl.name)) return []
  if (!byUrl && issuer.preset === owner.name && owner.host === host) return []
  return [
    say(
      'LR41',
      'error',
      host === owner.host
        ? `${quoted(issuer.url)} is on the host of ${owner.name}, and is registered as ${issuer.preset ?? 'another provider'}`
        : `${quoted(host)} only begins like ${quoted(owner.host)}, the host of ${owner.name}`,
      { preset: owner.name, issuer: byUrl ? issuer.url : `https://${owner.host}` },
    ),
  ]
}

const hostOf = (url: string) => (/^https?:\/\/([^/?#]+)/i.exec(url)?.[1] ?? '').replace(/^[^@]*@/, '').toLowerCase()

/** As for a public installation; where the operator opened the network it is their word that counts. */
function address({ url, fetched }: LintedRegistration, { publicOnly }: AboutIssuer): Finding[] {
  const complaint = complaintOf(url)
  if (complaint === undefined) return []
  return [
    say('LR42', fetched && publicOnly ? 'error' : 'warn', `the issuer ${quoted(url)} ${complaint}`, {
      issuer: 'https://<host>',
    }),
  ]
}

function complaintOf(url: string): string | undefined {
  const [, scheme = '', authority = ''] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)/i.exec(url) ?? []
  if (scheme.toLowerCase() !== 'https') return 'is not an https URL'
  if (/[?#]/.test(url)) return 'has a query or a fragment'
  if (authority.includes('@')) return 'has a user name or password in it'
  const [, host = '', port] = /^(.*?)(?::(\d*))?$/.exec(authority) ?? []
  if (/^\[|^[\d.]+$|^0x[\da-f]+$/i.test(host)) return 'names an address, not a host'
  return port !== undefined && port !== '443' ? 'names a port' : undefined
}
