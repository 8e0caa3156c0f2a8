/** Why a token's claim is not what a policy expects, and its subject neither. Pure. */
import type { Json, JsonObject } from '../../protocol/json.ts'
import { literalPrefix } from './glob.ts'
import { type Fits, folded, globbed, type Hint, hint, same, similarName, spellingHints } from './hints.ts'
import type { Condition, Scalar } from './policy.ts'

/** Of a condition that does not hold. */
export function conditionHints(condition: Condition, received: Json | undefined, claims: JsonObject): Hint[] {
  const { claim, op, value } = condition
  if (op === 'exists') return value ? missingHints(claim, claims) : []
  if (received === undefined) return missingHints(claim, claims)
  const values: readonly Scalar[] = op === 'in' ? value : [value]
  // Once, for all members: strangers choose how many those are.
  const expected = values.map((one) => ({ one, plain: typeof one === 'string' ? folded(one) : undefined }))
  const members = Array.isArray(received) ? (received as readonly Json[]) : [received]
  const fits = op === 'glob' ? globbed : same
  const hints = members.slice(0, most).flatMap((member) => memberHints(claim, expected, member, claims, fits))
  if (about.has(claim)) hints.push(...pullRequestHints(claims))
  return distinct(hints)
}

/** Of a subject that a policy's does not fit. */
export function subjectHints(expected: string, received: string, isGlob: boolean, claims: JsonObject): Hint[] {
  const fits = isGlob ? globbed : same
  return distinct([
    ...spellingHints(expected, received, fits),
    ...gitHubHints(expected, received, fits),
    ...pullRequestHints(claims),
  ])
}

/** Members of a list that are looked at. */
const most = 32

/** Each kind once: the first has most to say. */
export const distinct = (hints: readonly Hint[]): Hint[] =>
  hints.filter(({ kind }, i) => hints.findIndex((one) => one.kind === kind) === i)

type Wanted = { one: Scalar; plain: string | undefined }

function memberHints(claim: string, expected: readonly Wanted[], member: Json, claims: JsonObject, fits: Fits): Hint[] {
  if (typeof member === 'object') return [hint('type_mismatch', `the token has ${kindOf(member)} here`)]
  const hints: Hint[] = []
  const plain = typeof member === 'string' ? folded(member) : undefined
  for (const { one, plain: wanted } of expected) {
    if (typeof one !== typeof member && String(one) === String(member))
      hints.push(
        hint('type_mismatch', `the policy has ${kindOf(one)}, the token ${kindOf(member)}: ${JSON.stringify(member)}`),
      )
    if (typeof one !== 'string') continue
    if (typeof member === 'string' && (fits !== same || wanted === plain))
      hints.push(...spellingHints(one, member, fits))
    hints.push(...otherClaimHints(claim, one, claims))
  }
  if (typeof member === 'string' || expected.every(({ plain }) => plain === undefined)) return hints
  return hints.length > 0 || fits === same
    ? hints
    : [hint('type_mismatch', `a glob is for texts; the token has ${kindOf(member)}`)]
}

function kindOf(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return { string: 'a text', number: 'a number', boolean: 'a boolean' }[typeof value as string] ?? 'an object'
}

/** A name where the token has an id under another claim, or the reverse. */
function otherClaimHints(claim: string, expected: string, claims: JsonObject): Hint[] {
  const partners = claim.endsWith('_id')
    ? [claim.slice(0, -3), `${claim.slice(0, -3)}_path`, `${claim.slice(0, -3)}_name`]
    : [`${claim}_id`, `${claim.replace(/_(?:path|name|slug)$/, '')}_id`]
  const partner = partners.find((name) => name !== claim && Object.hasOwn(claims, name) && isIt(claims[name], expected))
  if (partner === undefined) return []
  const [has, wants] = claim.endsWith('_id') ? ['a name', 'an id'] : ['an id', 'a name']
  return [hint('id_form', `the policy has ${has} where ${claim} is ${wants}: ${partner} is what it says`)]
}
const isIt = (value: Json | undefined, expected: string) =>
  (typeof value === 'string' || typeof value === 'number') && String(value) === expected

function missingHints(claim: string, claims: JsonObject): Hint[] {
  const similar = claim.startsWith('/') ? undefined : similarName(claim, Object.keys(claims))
  const more =
    similar !== undefined
      ? `; it has ${similar}`
      : claim === 'environment'
        ? ': the job names no environment'
        : claim.startsWith('/') && Object.hasOwn(claims, claim)
          ? ': its name begins with /, which a JSON pointer writes as ~1'
          : ''
  return [
    hint('missing_claim', `the token has no ${claim}${more}`),
    ...(about.has(claim) ? pullRequestHints(claims) : []),
  ]
}

/** Claims that are others in a pull request. */
const about = new Set([
  'ref',
  'ref_type',
  'event_name',
  'environment',
  'head_ref',
  'base_ref',
  'workflow_ref',
  'job_workflow_ref',
])

function pullRequestHints({ event_name, sub, ref, head_ref, ref_path }: JsonObject): Hint[] {
  const isOne =
    (typeof event_name === 'string' && event_name.startsWith('pull_request')) ||
    (typeof sub === 'string' && sub.endsWith(':pull_request')) ||
    (typeof ref === 'string' && ref.startsWith('refs/pull/')) ||
    (typeof ref_path === 'string' && ref_path.startsWith('refs/merge-requests/')) ||
    (typeof head_ref === 'string' && head_ref !== '')
  return isOne ? [hint('fork_or_pull_request', 'the token is of a pull request, which a fork may have opened')] : []
}

type GitHubSubject = { owner: string; ownerId?: string; repo: string; repoId?: string; rest: string }
const gitHubForm = /^repo:([^/:@]{1,100})(?:@(\d{1,20}))?\/([^/:@]{1,100})(?:@(\d{1,20}))?:(.*)$/s

/** `repo:acme/app:ref:…`, or with ids `repo:acme@1/app@2:ref:…`. */
export function gitHubSubject(subject: string): GitHubSubject | undefined {
  const [, owner, ownerId, repo, repoId, rest] = gitHubForm.exec(subject) ?? []
  if (owner === undefined || repo === undefined || rest === undefined) return undefined
  return {
    owner,
    repo,
    rest,
    ...(ownerId === undefined ? {} : { ownerId }),
    ...(repoId === undefined ? {} : { repoId }),
  }
}

function gitHubHints(expected: string, received: string, fits: Fits): Hint[] {
  const [wanted, given] = [gitHubSubject(expected), gitHubSubject(received)]
  if (!wanted || !given) return []
  const fold = (text: string) => text.toLowerCase()
  const hasNames = fits(fold(wanted.owner), fold(given.owner)) && fits(fold(wanted.repo), fold(given.repo))
  if (hasNames && (wanted.ownerId === undefined) !== (given.ownerId === undefined))
    return [
      hint(
        'id_form',
        given.ownerId === undefined
          ? 'the policy has the form with ids (@), the token the one without: it is of a repository that does not use them'
          : `the policy has the form without ids, the token the one with them: write repo:${given.owner}@${given.ownerId}/${given.repo}@${given.repoId ?? ''}:…`,
      ),
    ]
  if (wanted.ownerId === undefined || wanted.ownerId !== given.ownerId || wanted.repoId !== given.repoId) return []
  return hasNames ? [] : [hint('renamed', `the ids are the same: it is called ${given.owner}/${given.repo} now`)]
}

/** Which of two subjects is nearer to a policy's: characters from the beginning that are the same. */
export function likeness(expected: string, received: string): number {
  const text = literalPrefix(expected)
  let i = 0
  while (i < text.length && text[i] === received[i]) i++
  return i
}
