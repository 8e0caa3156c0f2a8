/** GitHub Actions: what triggers a job, in which context, and which form its subject has. */

import type { Finding } from '../finding.ts'
import { compileGlob } from '../glob.ts'
import { admits, asksOf, isPinned, isResourceFixed, isTenantFixed, isUnclear, type Reading } from './reading.ts'
import { asking, equal, exactly, quoted, say, unlessReadOnly } from './say.ts'
import { narrower } from './subject.ts'
import { isWild } from './subject-forms.ts'

const pushes = { claim: 'event_name', op: 'in', value: ['push', 'workflow_dispatch'] } as const
/** What narrows a job to a part of its repository that not everybody with a branch can change. */
const narrowing = ['ref', 'environment', 'job_workflow_ref', 'workflow_ref'] as const

export function githubFindings(reading: Reading): Finding[] {
  if (reading.preset?.name !== 'github') return []
  return [
    ...hyphens(reading),
    ...context(reading),
    ...actor(reading),
    ...pullRequest(reading),
    ...pullRequestTarget(reading),
    ...environmentOnly(reading),
    ...template(reading),
  ]
}

/** What follows the repository in the subject, wildcards included; undefined where the subject has another form. */
function contextOf({ subject, isPattern }: Reading): string | undefined {
  if (!subject) return isPattern ? '*' : undefined
  return subject.written.get('context') ?? '*'
}

/** Whether a context is among those that the subject lets in. */
function letsIn(reading: Reading, one: string): boolean {
  const text = contextOf(reading)
  return text !== undefined && (reading.policy.match === 'glob' ? compileGlob(text)(one) : text === one)
}

const hyphenForm = /^repo:([^/:@*?]+)-(\d{4,})\/([^/:@*?]+)-(\d{4,})(?=$|[:*?])/

function hyphens({ policy: { subject, match } }: Reading): Finding[] {
  if (!hyphenForm.test(subject)) return []
  return [
    say(
      'LR07',
      'error',
      `${quoted(subject)} has ids after hyphens, a form that GitHub withdrew: anybody can register such names, and ids stand after @`,
      { subject: subject.replace(hyphenForm, 'repo:$1@$2/$3@$4'), match },
    ),
  ]
}

/** Which branches, tags, environments and pull requests get in, once it is clear which repository is meant. */
function context(reading: Reading): Finding[] {
  const { policy, subject } = reading
  const isNamed = subject !== undefined && !subject.open.has('repo') && !subject.open.has('owner')
  if (!reading.isPattern || !(isNamed || isResourceFixed(reading)) || isPinned(reading, ...narrowing))
    return tags(reading)
  const someBranch = letsIn(reading, 'ref:refs/heads/anything-at-all')
  const someTag = letsIn(reading, 'ref:refs/tags/anything-at-all')
  const admitted = [
    ...(letsIn(reading, 'pull_request') && admits(reading, 'event_name', 'pull_request') ? ['pull requests'] : []),
    ...(someBranch && !isProtected(reading) ? ['any branch'] : []),
    ...(someTag && !isProtected(reading) ? ['any tag'] : []),
    ...(letsIn(reading, 'environment:anything-at-all') ? ['any environment'] : []),
  ]
  if (admitted.length === 0 || (admitted.length === 1 && someTag)) return tags(reading)
  return [
    say(
      'LR04',
      admitted.includes('pull requests') && !isUnclear(reading, ...narrowing) ? unlessReadOnly(reading) : 'warn',
      `the subject ${quoted(policy.subject)} lets in ${admitted.join(', ')}`,
      subject && !subject.open.has('repository_id')
        ? exactly(
            narrower(reading)
              .subject?.toString()
              .replace(/<context>$/, 'ref:refs/heads/main') ?? '',
          )
        : asking(policy, equal(reading, 'ref', 'refs/heads/main'), pushes),
    ),
  ]
}

const isProtected = (reading: Reading) => reading.pins.get('ref_protected')?.every((value) => value === 'true') === true

/** Whoever may push a tag decides what it points to. */
function tags(reading: Reading): Finding[] {
  const text = contextOf(reading) ?? ''
  const inSubject = reading.isPattern && /^ref:refs\/tags\/.*[*?]/.test(text) ? text.slice('ref:'.length) : undefined
  const asked = asksOf(reading, 'ref').find(({ op, values }) => op === 'glob' && isTagPattern(String(values[0])))
  const pattern = inSubject ?? asked?.values[0]
  if (pattern === undefined || isPinned(reading, 'ref', 'environment') || isProtected(reading)) return []
  return [
    say('LR13', 'warn', `${quoted(String(pattern))} lets in every tag of that name, and whoever may push sets tags`, {
      ...asking(reading.policy, equal(reading, 'ref_protected', 'true')),
    }),
  ]
}
const isTagPattern = (text: string) => /^(refs\/tags\/|v).*[*?]/.test(text)

function actor(reading: Reading): Finding[] {
  const [ask] = asksOf(reading, 'actor', 'actor_id', 'triggering_actor')
  if (!ask || isPinned(reading, ...narrowing)) return []
  return [
    say(
      'LR09',
      'warn',
      `${ask.claim} ${quoted(String(ask.values[0] ?? ''))} says who started a job, not what it runs`,
      asking(reading.policy, equal(reading, 'ref', 'refs/heads/main'), pushes),
    ),
  ]
}

function pullRequest(reading: Reading): Finding[] {
  if (reading.account.access === 'read' && !reading.account.admin) return []
  const isTheContext = letsIn(reading, 'pull_request') && !letsIn(reading, 'ref:refs/heads/anything-at-all')
  const isTheEvent = asksOf(reading, 'event_name').length > 0 && admits(reading, 'event_name', 'pull_request')
  const isTheRef = asksOf(reading, 'ref').some(({ values }) =>
    values.some((value) => /^refs\/pull\b/.test(String(value))),
  )
  if (!isTheContext && !isTheRef && !(isTheEvent && letsIn(reading, 'pull_request'))) return []
  const { policy } = reading
  const subject = policy.subject.replace(/:pull_request$/, ':ref:refs/heads/main')
  return [
    say('LR10', 'error', `${quoted(policy.subject)} lets pull requests become an account that may write`, {
      ...(isTheContext ? (subject === policy.subject ? narrower(reading) : exactly(subject)) : {}),
      ...asking(policy, equal(reading, 'ref', 'refs/heads/main'), pushes),
    }),
  ]
}

/** It runs on the base branch, with what a stranger's pull request brings. */
function pullRequestTarget(reading: Reading): Finding[] {
  if (!admits(reading, 'event_name', 'pull_request_target') || isUnclear(reading, 'event_name')) return []
  const isAsked = asksOf(reading, 'event_name').some(({ op }) => op !== 'exists')
  const isNarrow = isPinned(reading, 'environment', 'job_workflow_ref', 'workflow_ref')
  if (!isAsked && (isNarrow || contextOf(reading) === 'pull_request')) return []
  const how = isAsked ? 'the condition on event_name allows it' : 'event_name is not asked for'
  return [
    say(
      'LR11',
      'warn',
      `a stranger’s pull request can start the policy’s job by pull_request_target: ${how}`,
      asking(reading.policy, pushes),
    ),
  ]
}

function environmentOnly(reading: Reading): Finding[] {
  const environment = reading.pins.get('environment')
  const others = ['ref', 'ref_protected', 'event_name', 'job_workflow_ref', 'workflow_ref']
  if (!environment || isTenantFixed(reading) || isPinned(reading, ...others)) return []
  return [
    say(
      'LR12',
      'warn',
      `the environment ${quoted(String(environment[0]))} is the only control, and any branch may name it unless it is protected`,
      asking(reading.policy, equal(reading, 'ref', 'refs/heads/main'), equal(reading, 'repository_id')),
    ),
  ]
}

/** GitHub lets an organization choose what its subjects are made of. */
function template(reading: Reading): Finding[] {
  const { subject: written } = reading.policy
  if (/^[*?]/.test(written)) return []
  const isOwn = !/^repo:|^repo?[*?]/.test(written)
  const seen = (reading.claimsSeen?.sub ?? []).map(String)
  if (isOwn && !seen.some((sub) => sub.startsWith('repo:')) && isWild(written) && seen.length > 0) return []
  if (isOwn === (seen.length > 0 && !seen.some((sub) => sub.startsWith('repo:')))) return []
  return [
    say(
      'LR48',
      'info',
      isOwn
        ? `${quoted(written)} fits only tokens of an organization that changed its subject template (include_claim_keys)`
        : `tokens of late have subjects like ${quoted(seen[0] ?? '')}, by a template of the organization, not ${quoted(written)}`,
      isOwn ? narrower({ ...reading, subject: undefined, claimsSeen: {} }) : exactly(seen[0] ?? ''),
    ),
  ]
}
