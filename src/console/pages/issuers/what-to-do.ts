import type { CheckStep } from '../../wire/shapes.ts'

const inside =
  'If it is in a private network: choose Upload and give its public keys, or ask the operator of this installation to add its host to ISSUER_NETWORK.'

/** What an admin does about keys that could not be fetched. `said`: of the step, or of the URL itself. */
export function whatToDo(step: CheckStep['step'] | 'url', said: string, issuer: string): string {
  if (step === 'url') {
    if (/full domain name|IP address|name a port|https URL/.test(said)) return inside
    return 'Write it as it stands in the iss of its tokens, from https:// to the last character.'
  }
  if (step === 'issuer' && /another issuer/.test(said)) {
    const other = issuer.endsWith('/') ? issuer.slice(0, -1) : `${issuer}/`
    return `The discovery document there says another issuer. Its tokens bear what the document says, to the last character: perhaps ${other}. Open ${metadataUrl(issuer)} and copy its "issuer".`
  }
  if (/could not be reached/.test(said)) return `Look whether the URL is right. ${inside}`
  if (/status 40[134]/.test(said) && step === 'discovery')
    return `There is no discovery document at ${metadataUrl(issuer)}. Look whether the URL is right; an issuer without one has its keys at a URL (choose Key set URL), or they are uploaded.`
  if (/status 30\d|redirects/.test(said)) return 'Give the URL that it redirects to, if that is what its tokens bear.'
  if (/status (5\d\d|429)/.test(said))
    return 'The provider itself fails now. Try again later; registering does not wait for it.'
  if (step === 'keys')
    return 'Ask whoever runs the issuer: it has to publish public keys for signatures (RSA of 2,048 bits and more, EC, Ed25519).'
  if (/JSON|discovery document|compressed|bytes/.test(said))
    return `What answers there is no identity provider, or a page in front of one. Open ${metadataUrl(issuer)} and look.`
  return `Open ${metadataUrl(issuer)} and look what it answers.`
}

export const metadataUrl = (issuer: string): string => `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`

/** A slash at the end is the one difference that nobody sees. */
export const otherSlash = (issuer: string): string => (issuer.endsWith('/') ? issuer.slice(0, -1) : `${issuer}/`)
