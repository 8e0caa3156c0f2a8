/** Which changes end tokens: the same as by hand, since the same function says so. */
import type { Project, ResourceServer, ServiceAccount, Team } from '../accounts/model.ts'
import type { Noun } from '../admin/noun.ts'
import * as nouns from '../admin/nouns.ts'
import type { Registration } from '../issuers/model.ts'
import type { TrustPolicy } from '../trust/policy.ts'
import type { There, Wanted } from './members.ts'

/** Without `wanted`: when it is deleted. */
export function endsTokens(there: There, wanted?: Wanted): boolean {
  const { row, kind } = there
  const ends = <T extends Team | Project | Registration | ServiceAccount | TrustPolicy | ResourceServer>(
    noun: Noun<T>,
    changes: Partial<T>,
  ) => (noun.ends?.(row as T, wanted && { ...(row as T), ...changes }) ?? []).length > 0
  const members = wanted?.members ?? {}
  const pick = (...names: string[]) => Object.fromEntries(names.map((name) => [name, members[name]])) as object
  switch (kind) {
    case 'team':
      return ends(nouns.team, {})
    case 'project':
      return ends(nouns.project(''), {})
    case 'issuer':
      return ends(nouns.issuer, pick('enabled', 'issuer'))
    case 'service_account':
      return ends(nouns.serviceAccount(String), pick('enabled'))
    case 'trust_policy': {
      const isSame = members.issuer === there.members.issuer
      const issuerId = isSame ? (row as TrustPolicy).issuerId : ''
      return ends(nouns.trustPolicy(String), {
        ...pick('subject', 'match', 'conditions', 'cel', 'state'),
        issuerId,
      })
    }
    case 'resource_server':
      return ends(nouns.resourceServer, {})
  }
}
