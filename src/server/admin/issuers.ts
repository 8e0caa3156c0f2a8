/** Registering an issuer: what may be said of it, and how it is kept. */

import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '../../protocol/json.ts'
import type { Failures } from '../accounts/failures.ts'
import { Refusal } from '../errors/refusal.ts'
import { bareJwk } from '../issuers/jwk.ts'
import { takeKeySet } from '../issuers/key-set.ts'
import type { JwkSet, Registration } from '../issuers/model.ts'
import { type IssuerNetwork, judgeUrl } from '../issuers/network.ts'
import type { Finding } from '../trust/finding.ts'
import type { Presets } from '../trust/preset-of.ts'
import { approved, type Judging } from './judging.ts'
import { create, type IfMatch, type Unkept, update } from './noun.ts'
import { issuer } from './nouns.ts'
import { refuseForeignAudiences } from './organizations.ts'
import { ownAudiences } from './own-audiences.ts'
import type { Context, Perform, Where, Work } from './perform.ts'

export type IssuerFields = Omit<
  Registration,
  'id' | 'name' | 'version' | 'createdAt' | 'updatedAt' | 'orgId' | 'managedBy'
>
export type NewIssuer = Omit<IssuerFields, 'audiences' | 'maxTokenAge'> & {
  name: string
  audiences?: readonly string[] | undefined
  maxTokenAge?: number | undefined
}

/** What will be registered, and can be probed before. */
export type IssuerDraft = Omit<Unkept<Registration>, 'id'>

/** Seconds, where no preset says better. */
const maxTokenAge = 86_400

/** What an issuer is by itself, where nobody says otherwise. `preset`: what it was given. */
export function byItself(presets: Presets, issuerUrl: string, preset?: string | null) {
  const own = preset ?? presets.of(issuerUrl)?.name ?? null
  return { preset: own, maxTokenAge: presets.find(own ?? '')?.maxTokenAge ?? maxTokenAge }
}

/** Without audiences: the organization's own. */
export function draftOf(
  body: NewIssuer,
  org: { id: string; name: string },
  publicUrl: string,
  presets: Presets,
): IssuerDraft {
  const audiences = body.audiences ?? ownAudiences(org, publicUrl)
  const own = byItself(presets, body.issuer, body.preset)
  const chosen = { preset: own.preset, maxTokenAge: body.maxTokenAge ?? own.maxTokenAge }
  return { ...body, ...chosen, audiences: [...new Set(audiences)], orgId: org.id, managedBy: null }
}

export async function registerIssuer(
  work: Work,
  where: Where & { org: { id: string; name: string } },
  draft: IssuerDraft,
  publicUrl: string,
  { judge, overrideReason }: Judging,
): Promise<{ row: Registration; findings: readonly Finding[] }> {
  await refuseForeignAudiences(work, where.org, publicUrl, draft.audiences)
  const findings = judge.issuer(draft, where.org)
  const why = approved(findings, overrideReason)
  const row = await create(work, issuer, where, { ...draft, jwks: bare(draft.jwks), id: work.newId('iss') }, why)
  return { row, findings }
}

export async function changeIssuer(
  work: Work,
  where: Where & { org: { id: string; name: string } },
  id: string,
  changes: Partial<Registration>,
  publicUrl: string,
  { judge, overrideReason }: Judging,
  ifMatch?: IfMatch,
): Promise<{ row: Registration; findings: readonly Finding[] }> {
  if (changes.audiences) await refuseForeignAudiences(work, where.org, publicUrl, changes.audiences)
  const jwks = changes.jwks === undefined ? {} : { jwks: bare(changes.jwks) }
  let findings: readonly Finding[] = []
  let why: JsonObject = {}
  const changesOf = (before: Registration) => {
    const after = { ...before, ...changes, ...jwks }
    findings = judge.issuer(after, where.org)
    // What was so before, and is not what is changed, is no reason against this.
    if (judged.some((member) => !isDeepStrictEqual(before[member], after[member])))
      why = approved(findings, overrideReason)
    return { ...changes, ...jwks }
  }
  const row = await update(work, issuer, where, id, changesOf, ifMatch, () => why)
  return { row, findings }
}

/** Of an issuer, what lint looks at. */
const judged = ['audiences', 'algorithms', 'singleUse', 'users', 'jwks', 'jwksUri', 'preset'] as const

/** Uploaded keys without what says nothing: they are read at every look-up. */
const bare = (jwks: JwkSet | null): JwkSet | null => jwks && { keys: jwks.keys.map(bareJwk) }

/** One organization must not keep the others' fetches waiting. */
export function createFetchAllowance(counter: Failures): (orgId: string) => Promise<void> {
  return async (orgId) => {
    if (await counter.count(orgId))
      throw new Refusal('rate_limited', {
        says: 'the issuers of this organization were fetched too often in this minute (LIMIT_ISSUER_FETCHES_PER_MINUTE); try again later',
      })
  }
}

/** What can be said of the addresses and keys without asking anybody. Throws Refusal('body_invalid') naming the field. */
export function refuseUnusable(draft: Pick<Registration, 'issuer' | 'jwksUri' | 'jwks'>, network: IssuerNetwork): void {
  const { issuer, jwksUri, jwks } = draft
  const taken = jwks === null ? undefined : takeKeySet(jwks, { uploaded: true })
  const complaints = {
    issuer: jwks === null ? judgeUrl(issuer, network) : undefined,
    jwks_uri: jwksUri === null ? undefined : judgeUrl(jwksUri, network),
    jwks: taken?.ok === false ? `the uploaded set ${taken.why}` : undefined,
  }
  for (const [path, message] of Object.entries(complaints))
    if (message !== undefined) throw new Refusal('body_invalid', { errors: [{ path, message }] })
}

/** Other replicas hear of it when what was fetched is there for them: before, they would take over the old. */
export const tellOfRefresh = (perform: Perform, context: Context, issuerId: string): Promise<object> =>
  perform(context, async (work) => {
    work.changed(issuerId)
    return {}
  })
