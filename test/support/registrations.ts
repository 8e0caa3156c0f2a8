/** Registrations as they are kept, for the tests, and look-ups over a list of them. */
import { subjectAlgorithms } from '../../src/protocol/oauth.ts'
import type { Registration } from '../../src/server/issuers/model.ts'
import type { RegistrationLookups } from '../../src/server/issuers/store.ts'

export const audience = 'https://countersign.example/orgs/acme'

export function registrationOf(changes: Partial<Registration> = {}): Registration {
  return {
    id: 'iss_01',
    name: 'ci',
    version: 1,
    createdAt: 0,
    updatedAt: 0,
    orgId: 'org_01',
    issuer: 'https://idp.example',
    audiences: [audience],
    jwksUri: null,
    jwks: null,
    algorithms: subjectAlgorithms,
    clockTolerance: 60,
    maxTokenAge: 86_400,
    singleUse: false,
    singleUseGrace: 0,
    boundLifetime: false,
    extraAudiences: false,
    users: false,
    userClaim: 'sub',
    enabled: true,
    preset: null,
    managedBy: null,
    ...changes,
  }
}

/** The organization `org_NAME` is called `NAME`. */
export function lookupsOf(...registrations: Registration[]): RegistrationLookups {
  return {
    async fitting(issuer, audiences) {
      const fits = (one: Registration) => one.issuer === issuer && one.audiences.some((aud) => audiences.includes(aud))
      return registrations.filter(fits)
    },
    async registration(id) {
      const registration = registrations.find((one) => one.id === id)
      return registration && { registration, org: registration.orgId.slice(4) }
    },
    async audienceHolder(audience) {
      const holder = registrations.find(({ audiences }) => audiences.includes(audience))
      return holder && { issuer: holder.name, org: holder.orgId.slice(4) }
    },
    async issuerKnown(issuer) {
      return registrations.some((one) => one.issuer === issuer && one.enabled)
    },
  }
}
