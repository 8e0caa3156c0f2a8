/**
 * What lint has to say of what is to be kept, and the refusal of what it has an error against. Judged in the transaction
 * that keeps it, so that the account and its other policies are what they are then.
 */
import type { JsonObject } from '../../protocol/json.ts'
import type { Organization, ServiceAccount } from '../accounts/model.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Registration } from '../issuers/model.ts'
import { type IssuerNetwork, networkText, publicNetwork } from '../issuers/network.ts'
import type { Stores } from '../storage/storage.ts'
import { loadCel } from '../trust/cel.ts'
import type { Cel } from '../trust/cel-program.ts'
import type { Finding } from '../trust/finding.ts'
import { lintIssuer } from '../trust/lint/issuer.ts'
import { lintPolicy, refusing } from '../trust/lint/lint.ts'
import type { About } from '../trust/lint/reading.ts'
import type { TrustPolicy, WrittenPolicy } from '../trust/policy.ts'
import type { Presets } from '../trust/preset-of.ts'
import { ownAudiences } from './own-audiences.ts'

type Needs = { presets: Presets; network: IssuerNetwork; publicUrl: () => string }
export type JudgedIssuer = Pick<Registration, 'issuer' | 'preset' | 'audiences'>
/** `id`: of a policy that is kept already; it is no alternative to itself. */
export type JudgedPolicy = WrittenPolicy & Partial<Pick<TrustPolicy, 'id'>>

export type Judge = {
  policy(policy: JudgedPolicy, issuer: JudgedIssuer, account: AccountAsJudged, more?: Trail): Promise<Finding[]>
  issuer(issuer: Omit<IssuerAsJudged, 'id'>, org: Pick<Organization, 'name'>): Finding[]
  /** The engine of expressions, had once. */
  cel(): Promise<Cel>
}
/** `overrideReason`: why what lint has an error against is to be kept all the same. */
export type Judging = { judge: Judge; overrideReason?: string | undefined }
/** `siblings`: the account's policies at the same issuer, itself among them or not. */
export type AccountAsJudged = Pick<ServiceAccount, 'access' | 'admin' | 'tokenTtl'> & {
  siblings?: readonly TrustPolicy[]
}
export type Trail = Pick<About, 'usage' | 'claimsSeen'>
type IssuerAsJudged = Pick<
  Registration,
  'id' | 'issuer' | 'preset' | 'audiences' | 'algorithms' | 'singleUse' | 'users' | 'jwks'
>

export function createJudge({ presets, network, publicUrl }: Needs): Judge {
  const publicOnly = networkText(network) === networkText(publicNetwork)
  let engine: Promise<Cel> | undefined
  const cel = () => {
    engine ??= loadCel()
    return engine
  }
  // Where the URL says whose it is, that counts, whatever it was registered as.
  const presetOf = ({ issuer, preset }: JudgedIssuer) => presets.of(issuer) ?? presets.find(preset ?? '')
  return {
    cel,
    async policy({ id, ...written }, issuer, { siblings = [], ...account }, more = {}) {
      const preset = presetOf(issuer)
      const shared = presets.isShared(issuer.issuer, preset?.name)
      return lintPolicy(written, {
        issuer: { url: issuer.issuer, audiences: issuer.audiences, shared },
        preset,
        account,
        siblings: siblings.filter((sibling) => sibling.id !== id),
        ...(await factsOf(written.cel, cel)),
        ...more,
      })
    },
    issuer({ issuer: url, jwks, ...issuer }, org) {
      const own = ownAudiences(org, publicUrl())
      return lintIssuer({ url, fetched: jwks === null, ...issuer }, { presets, ownAudiences: own, publicOnly })
    },
  }
}

async function factsOf(source: string | null, cel: Judge['cel']): Promise<Pick<About, 'cel'>> {
  const made = source === null ? undefined : (await cel()).compile(source)
  return made?.ok ? { cel: made.program.facts } : {}
}

/** As many as are looked at for one that shadows another. */
const most = 200

/** The account's policies, so many at once. */
export async function* policiesOf(
  { policies }: Pick<Stores, 'policies'>,
  { orgId, id: accountId }: Pick<ServiceAccount, 'orgId' | 'id'>,
): AsyncGenerator<readonly TrustPolicy[]> {
  for (let after: string | null | undefined; after !== null; ) {
    const where = { limit: most, ...(after === undefined ? {} : { after }) }
    const page = await policies.list({ orgId, accountId }, where)
    yield page.items
    after = page.nextCursor
  }
}

export async function siblingsOf(
  stores: Pick<Stores, 'policies'>,
  { orgId, id: accountId }: Pick<ServiceAccount, 'orgId' | 'id'>,
  issuerId: string,
): Promise<readonly TrustPolicy[]> {
  return (await stores.policies.list({ orgId, accountId, issuerId }, { limit: most })).items
}

/**
 * What the trail is to say of a save that lint has an error against: why it was made all the same. Throws
 * Refusal('lint_refused') when nobody said why.
 */
export function approved(findings: readonly Finding[], overrideReason: string | undefined): JsonObject {
  const overridden = refusing(findings)
  if (overridden.length === 0) return {}
  if (overrideReason === undefined) throw new Refusal('lint_refused', { findings: findings as readonly JsonObject[] })
  return { override_reason: overrideReason, overridden }
}
