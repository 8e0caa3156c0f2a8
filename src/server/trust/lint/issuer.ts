/** An issuer as it is registered: whose word is taken, for tokens that were meant for whom. */

import { subjectAlgorithms } from '../../../protocol/oauth.ts'
import type { Finding } from '../finding.ts'
import { audienceFindingsOfIssuer } from './audience.ts'
import { urlFindings } from './issuer-url.ts'
import { type AboutIssuer, type LintedRegistration, presetOf } from './registration.ts'
import { say, sorted } from './say.ts'

export function lintIssuer(issuer: LintedRegistration, about: AboutIssuer): Finding[] {
  return sorted([
    ...audienceFindingsOfIssuer(issuer, about),
    ...urlFindings(issuer, about),
    ...replay(issuer, about),
    ...algorithms(issuer),
  ])
}

/** Their tokens have a jti (reference of each). */
const withJti = new Set(['github', 'gitlab', 'aws', 'hcp-terraform'])

function replay(issuer: LintedRegistration, about: AboutIssuer): Finding[] {
  if (issuer.singleUse || !withJti.has(presetOf(issuer, about)?.name ?? '')) return []
  return [
    say('LR36', 'info', 'its tokens have a jti, and may be used more than once (single_use is off)', {
      single_use: true,
    }),
  ]
}

/** `none`, symmetric ones, and those that are broken or hardly anybody checks. */
const unsafe = /^(none|HS\d+|ES256K|RS1)$/i

function algorithms({ algorithms }: LintedRegistration): Finding[] {
  const wrong = algorithms.find((alg) => unsafe.test(alg))
  const better = { algorithms: algorithms.filter((alg) => !unsafe.test(alg)) }
  if (wrong !== undefined)
    return [
      say(
        'LR43',
        'error',
        `${wrong} is not an algorithm that a stranger’s signature may be believed by`,
        better.algorithms.length > 0 ? better : { algorithms: ['RS256'] },
      ),
    ]
  const families = new Set(algorithms.map((alg) => (/^Ed/.test(alg) ? 'Ed' : alg.slice(0, 2))))
  const isDefault = subjectAlgorithms.every((alg) => algorithms.includes(alg))
  if (isDefault || families.size <= 3) return []
  return [
    say('LR43', 'warn', `${algorithms.join(', ')} are of ${families.size} families; a provider signs with one`, {
      algorithms: ['<the algorithm that the provider signs with>'],
    }),
  ]
}
