/**
 * Tests of policies: claims in, decision out, by the same compile and match as the exchange. What is not asked: the
 * signature, the audience and the times of a token, which no policy decides.
 */
import { z } from 'zod'
import type { Json, JsonObject } from '../../protocol/json.ts'
import { loadCel } from '../trust/cel.ts'
import { type Candidate, compilePolicy } from '../trust/compile.ts'
import { expectedOf } from '../trust/condition.ts'
import { match, type Stopwatch, type Trial } from '../trust/match.ts'
import { presetNames } from '../trust/preset.ts'
import type { Presets } from '../trust/preset-of.ts'
import type { OrganizationDocument } from './document.ts'
import { policiesIn } from './judge-document.ts'
import { strict } from './strict.ts'

const named = z.string().min(1).max(200)
const policyCase = strict({
  name: named.meta({ description: 'What it shows' }),
  issuer: named.meta({ description: 'The name of an issuer of the file' }),
  from: z.enum(presetNames).optional().meta({ description: "Start from the preset's example token" }),
  claims: z.record(z.string(), z.unknown()).default({}).meta({ description: 'sub among them; null takes one away' }),
  header: strict({
    alg: z.string().default('RS256'),
    kid: z.string().optional(),
    typ: z.string().optional(),
  }).optional(),
  now: z.iso.datetime({ offset: true }).optional(),
  service_account: named.optional().meta({ description: 'As a request may name it: team/name' }),
  expect: z.enum(['granted', 'refused']),
  as: named.optional().meta({ description: 'Which account is granted: team/name' }),
  because: named
    .optional()
    .meta({ description: 'Of a refusal: the claim that is missed, or the reason; else the policy' }),
})
export const policyTests = strict({
  organization: z.string().min(1).default('organization.yaml').meta({ description: 'Its file, from this one' }),
  cases: z.array(policyCase).min(1).max(10_000),
})
export type PolicyCase = z.output<typeof policyCase>

/** `misses`: of each policy at the issuer, nearest first, what it asked and what it got. */
export type CaseResult = { name: string; ok: boolean; expected: string; got: string; misses: readonly Missed[] }
export type Missed = {
  policy: string
  miss: string
  conditions: readonly { claim: string; op: string; expected: Json; received: Json; holds: boolean }[]
}

export type RunCase = (one: PolicyCase) => CaseResult
type Needs = { presets: Presets; stopwatch: Stopwatch; now: number }

/** Throws what `compilePolicy` would refuse: the document is judged before. */
export async function createRunCase(document: OrganizationDocument, needs: Needs): Promise<RunCase> {
  const { presets, stopwatch } = needs
  const candidates = await candidatesOf(document)
  return (one) => {
    const claims = claimsOf(one, presets)
    const now = one.now === undefined ? needs.now : Date.parse(one.now)
    const { kid, typ, alg = 'RS256' } = one.header ?? {}
    const header = { alg, ...(kid === undefined ? {} : { kid }), ...(typ === undefined ? {} : { typ }) }
    const sub = typeof claims.sub === 'string' ? claims.sub : ''
    const subject = { registrationId: one.issuer, orgId: document.organization, subject: sub, claims, header, now }
    const ask = one.service_account === undefined ? {} : { serviceAccount: one.service_account }
    const isTrusted = document.issuers[one.issuer]?.enabled !== false
    // As in an exchange (issuers/verify.ts), whatever a glob would fit.
    const isSubject = sub !== ''
    const decision = match(isTrusted && isSubject ? candidates : [], subject, ask, stopwatch)
    const at = candidates.filter(({ policy }) => policy.issuerId === one.issuer)
    const misses = decision.trials
      .filter(({ miss }) => miss !== 'issuer')
      .map((trial) => missed(trial, at, claims, sub))
      .sort((a, b) => count(a) - count(b))
    const granted = decision.outcome === 'granted' ? decision.candidate : undefined
    const account = granted && `${granted.account.team}/${granted.account.name}`
    const refusal = decision.outcome === 'refused' ? decision.reason : ''
    const reasons = granted
      ? [granted.policy.name]
      : [isSubject ? refusal : 'subject_missing', ...decision.trials.flatMap(reasonsOf)]
    const got = account
      ? `granted as ${account} (${granted?.policy.name})`
      : `refused (${isSubject ? why(refusal, misses) : 'the claims have no sub'})`
    const isAs = one.as === undefined || one.as === account
    const isBecause = one.because === undefined || reasons.includes(one.because)
    return {
      name: one.name,
      ok: one.expect === decision.outcome && (one.expect === 'refused' || isAs) && isBecause,
      expected: [one.expect, one.as && `as ${one.as}`, one.because && `because of ${one.because}`]
        .filter(Boolean)
        .join(' '),
      got,
      misses,
    }
  }
}

const why = (reason: string, [nearest]: readonly Missed[]) =>
  reason === 'account_ambiguous' ? 'several accounts fit' : (nearest?.miss ?? 'no policy at this issuer')

const count = ({ conditions }: Missed) => conditions.filter(({ holds }) => !holds).length
const reasonsOf = ({ miss, claim }: Trial) =>
  miss === 'issuer' ? [] : [miss ?? '', claim ?? ''].filter((word) => word !== '')

function missed(
  { policy: id, miss, claim, because, draft }: Trial,
  at: readonly Candidate[],
  claims: JsonObject,
  sub: string,
): Missed {
  const candidate = at.find(({ policy }) => policy.id === id)
  const { policy, account } = candidate as Candidate
  const why = {
    sub: 'the subject',
    not_asked_for: 'another account was asked for',
    disabled: 'the account is disabled',
    organization: '',
    issuer: '',
  }
  const words =
    miss === 'condition'
      ? `the claim ${claim}`
      : miss === 'cel'
        ? `the expression${because ? `: ${because}` : ' is not true'}`
        : miss && why[miss]
  const conditions = policy.conditions.map((condition) => ({
    claim: condition.claim,
    op: condition.op,
    expected: expectedOf(condition) as Json,
    received: condition.received(claims) ?? null,
    holds: condition.holds(claims),
  }))
  const subject = {
    claim: 'sub',
    op: policy.match === 'glob' ? 'glob' : 'equals',
    expected: policy.subject,
    received: sub,
    holds: policy.fitsSubject(sub),
  }
  return {
    policy: `${account.team}/${account.name}/${policy.name}`,
    miss: words ?? (draft ? 'it is a draft' : 'nothing'),
    conditions: [subject, ...conditions],
  }
}

async function candidatesOf(document: OrganizationDocument): Promise<Candidate[]> {
  const cel = await loadCel()
  return [...policiesIn(document)].map(({ path, policy: { cel: expression, issuer, ...written } }) => {
    const [, team = '', , account = '', , name = ''] = path
    const made = compilePolicy({ ...written, cel: expression ?? null, id: path.join('/'), name, issuerId: issuer }, cel)
    if (!made.ok) throw new Error(`${path.join('/')}: ${made.faults[0]?.message}`)
    const { access, enabled, token_ttl, dpop_bound_access_tokens } =
      document.teams[team]?.service_accounts[account] ?? {}
    return {
      policy: made.policy,
      account: {
        id: `${team}/${account}`,
        name: account,
        enabled: enabled ?? true,
        access: access ?? 'write',
        tokenTtl: token_ttl ?? 900,
        dpopBound: dpop_bound_access_tokens ?? false,
        orgId: document.organization,
        org: document.organization,
        teamId: team,
        team,
      },
    }
  })
}

/** The preset's examples, and over them what the case says. */
function claimsOf({ from, claims }: PolicyCase, presets: Presets): JsonObject {
  const all: Record<string, unknown> = {}
  for (const { claim, example } of (from === undefined ? undefined : presets.find(from))?.claims ?? []) {
    const path = claim.startsWith('/')
      ? claim
          .slice(1)
          .split('/')
          .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
      : [claim]
    let at = all
    for (const step of path.slice(0, -1)) {
      at[step] ??= {}
      at = at[step] as Record<string, unknown>
    }
    at[path.at(-1) as string] = example
  }
  const merged = Object.entries({ ...all, ...claims }).filter(([, value]) => value !== null)
  return Object.fromEntries(merged) as JsonObject
}
