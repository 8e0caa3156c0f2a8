/**
 * The same answer from an organization's file, for whoever has no service to ask: what its policies make of a token or of
 * claims. The signature is not checked, and nothing is known of what was used before.
 */
import type { OrganizationDocument, WrittenIssuer } from '../files/document.ts'
import { policiesIn } from '../files/judge-document.ts'
import { createFindRegistration } from '../issuers/find-registration.ts'
import type { Registration } from '../issuers/model.ts'
import { loadCel } from '../trust/cel.ts'
import { type Candidate, compilePolicy } from '../trust/compile.ts'
import type { WrittenCandidate } from '../trust/policy.ts'
import { createExplainToken, type ExplainAsk } from './explain.ts'
import { createIssuerStep } from './explain-issuer.ts'
import type { Explained } from './explained.ts'
import { createGrantOf } from './grant.ts'
import { createMeet } from './nearest.ts'
import { offlineToken } from './offline-token.ts'

type Needs = {
  document: OrganizationDocument
  /** Whose audiences an issuer has by default. */
  publicUrl: string
  /** What is known of an issuer's preset, in seconds. */
  maxTokenAgeOf: (issuer: WrittenIssuer) => number
  now: () => number
  stopwatch: () => number
}
type Ask = Pick<ExplainAsk, 'scope' | 'targets' | 'requestedTtl' | 'serviceAccount'>

/** `shown`: a token, or claims as JSON. */
export async function explainOffline(shown: string, ask: Ask, needs: Needs): Promise<Explained> {
  const { document, now, stopwatch } = needs
  const publicUrl = () => needs.publicUrl
  const org = { id: document.organization, name: document.organization }
  const registrations = registrationsOf(needs)
  const policies = writtenOf(document)
  const found = (id: string) => registrations.find((one) => one.id === id)
  const findRegistration = createFindRegistration({
    fitting: async (issuer, audiences) =>
      registrations.filter(
        (one) => one.issuer === issuer && one.audiences.some((audience) => audiences.includes(audience)),
      ),
    async registration(id) {
      const registration = found(id)
      return registration && { registration, org: org.name }
    },
    issuerKnown: async (issuer) => registrations.some((one) => one.issuer === issuer && one.enabled),
  })
  const resourceServers = async (_: string, audience: string) =>
    Object.values(document.resource_servers).find((server) => server.audience === audience) as never
  const explain = createExplainToken({
    issuer: createIssuerStep({
      findRegistration,
      issuers: {
        list: async ({ issuer }) => ({
          items: registrations.filter((one) => issuer === undefined || one.issuer === issuer),
          nextCursor: null,
        }),
      },
      publicUrl,
    }),
    meet: createMeet({
      lookups: {
        async *allPolicies(issuerId) {
          yield policies.filter(({ policy }) => policy.issuerId === issuerId)
        },
      },
      ready,
      stopwatch,
    }),
    formerNames: async () => new Map(),
    lookups: { usersNamed: async () => [] },
    grantOf: createGrantOf({ lookups: { resourceServers }, dpop: { check: impossible }, publicUrl, now }),
    standing: { mark: () => 0, outdated: async () => false },
    stopwatch,
  })
  return explain(() => offlineToken(shown, now), { ...ask, org, teams: 'all' })
}

const impossible = (): never => {
  throw new Error('no proof of possession is shown offline')
}

async function ready(written: readonly WrittenCandidate[]): Promise<Candidate[]> {
  const cel = written.some(({ policy }) => policy.cel !== null) ? await loadCel() : undefined
  return written.flatMap(({ policy, account }) => {
    const made = compilePolicy(policy, cel)
    return made.ok ? [{ policy: made.policy, account }] : []
  })
}

function registrationsOf({ document, publicUrl, maxTokenAgeOf }: Needs): Registration[] {
  const { organization } = document
  return Object.entries(document.issuers).map(([name, issuer]) => ({
    id: name,
    name,
    version: 1,
    createdAt: 0,
    updatedAt: 0,
    orgId: organization,
    managedBy: null,
    issuer: issuer.issuer,
    audiences: issuer.audiences ?? [organization, `${publicUrl}/orgs/${organization}`],
    jwksUri: null,
    jwks: null,
    algorithms: issuer.algorithms,
    clockTolerance: issuer.clock_tolerance,
    maxTokenAge: issuer.max_token_age ?? maxTokenAgeOf(issuer),
    singleUse: issuer.single_use,
    singleUseGrace: issuer.single_use_grace,
    boundLifetime: issuer.bound_lifetime,
    extraAudiences: issuer.extra_audiences,
    users: issuer.users,
    userClaim: issuer.user_claim,
    enabled: issuer.enabled,
    preset: issuer.preset ?? null,
  }))
}

function writtenOf(document: OrganizationDocument): WrittenCandidate[] {
  return [...policiesIn(document)].flatMap(({ path, policy: { issuer, cel, override_reason: _, ...written } }) => {
    const [, team = '', , name = '', , policy = ''] = path
    const account = document.teams[team]?.service_accounts[name]
    if (!account) return []
    const id = path.join('/')
    return [
      {
        policy: { ...written, cel: cel ?? null, id, name: policy, version: 1, issuerId: issuer },
        account: {
          id: `${team}/${name}`,
          name,
          enabled: account.enabled,
          access: account.access,
          tokenTtl: account.token_ttl,
          dpopBound: account.dpop_bound_access_tokens,
          orgId: document.organization,
          org: document.organization,
          teamId: team,
          team,
        },
      },
    ]
  })
}
