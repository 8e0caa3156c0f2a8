/** What a wildcard in the subject lets in, whatever the provider, and where it stands in the form of a known one. */
import type { Finding } from '../finding.ts'
import { isPinned, isResourceFixed, isTenantFixed, type Reading } from './reading.ts'
import { asking, equal, exactly, quoted, say } from './say.ts'
import { isWild, type ReadSubject } from './subject-forms.ts'

export function subjectFindings(reading: Reading): Finding[] {
  if (!reading.isPattern) return []
  return [...anchor(reading), ...noSubject(reading), ...names(reading)]
}

/** A pattern that fits everything, or everything that begins with nothing in particular. */
export function isUnanchored({ policy: { subject }, isPattern }: Pick<Reading, 'policy' | 'isPattern'>): boolean {
  const wild = subject.search(/[*?]/)
  const separator = subject.search(/[:/]/)
  return isPattern && (wild === 0 || (separator !== -1 && wild < separator))
}

function anchor(reading: Reading): Finding[] {
  const { subject } = reading.policy
  const better = narrower(reading)
  if (/^[*?]+$/.test(subject))
    return [say('LR05', 'error', `the subject ${quoted(subject)} fits every workload of the issuer`, better)]
  if (isUnanchored(reading))
    return [
      say(
        'LR05',
        'error',
        `the subject ${quoted(subject)} has a wildcard before its first separator, so whoever picks a name picks how it begins`,
        better,
      ),
    ]
  const head = subject.slice(0, subject.search(/[*?]/))
  if (/[:/]/.test(head)) return reading.shape && !reading.shape.rest ? [] : continued(reading, head)
  const isOpaque = reading.preset?.subject.immutable === true && !reading.shape
  return [
    say(
      'LR05',
      isOpaque ? 'error' : 'warn',
      `the subject ${quoted(subject)} fits every subject that begins with ${quoted(head)}; no separator ends the name`,
      better,
    ),
  ]
}

/** Of a provider whose form is not known: `app*` fits `app-evil` as well. */
function continued({ policy: { subject } }: Reading, head: string): Finding[] {
  if (!/[a-z0-9]{3}[*?]+(?=$|[:/])/i.test(subject)) return []
  const separator = /[:/](?=[^:/]*$)/.exec(head)?.[0] ?? ':'
  return [
    say(
      'LR05',
      'warn',
      `the subject ${quoted(subject)} fits ${quoted(`${head}-evil`)} as well, since nothing ends the name before the wildcard`,
      { subject: subject.replace(/([a-z0-9])([*?]+)(?=$|[:/])/i, `$1${separator}$2`), match: 'glob' },
    ),
  ]
}

function noSubject(reading: Reading): Finding[] {
  if (reading.preset?.name !== 'github' || !isUnanchored(reading)) return []
  if (isTenantFixed(reading) || isPinned(reading, 'repository', 'repository_owner', 'sub')) return []
  return [
    say(
      'LR01',
      'error',
      `neither the subject ${quoted(reading.policy.subject)} nor a condition names a repository, so every workflow on GitHub gets in`,
      { ...narrower(reading), ...asking(reading.policy, equal(reading, 'repository_id')) },
    ),
  ]
}

/** Where the form of the provider has the tenant, and the resource in it. */
function names(reading: Reading): Finding[] {
  const { shape, subject, policy } = reading
  if (!shape || isUnanchored(reading) || isResourceFixed(reading)) return []
  if (!subject) return template(reading)
  const parts = [...(shape.tenant ? [shape.tenant] : []), ...(shape.resource ?? [])]
  const partial = parts.find((part) => isContinuable(subject, part))
  if (partial !== undefined && !(partial === shape.tenant && isTenantFixed(reading))) {
    const text = subject.written.get(partial) ?? ''
    const head = text.slice(0, text.search(/[*?]/))
    return [
      say(
        'LR05',
        'error',
        `${quoted(text)} in the subject ${quoted(policy.subject)} is not the end of a name: ${quoted(`${head}-evil`)} fits as well`,
        narrower(reading),
      ),
    ]
  }
  if (shape.tenant && subject.open.has(shape.tenant) && !isTenantFixed(reading))
    return [wide(reading, 'LR02', `every ${word(shape.tenant)} of the provider`)]
  // An id of the tenant says whose it is, and not which of theirs.
  const tenant = subject.sure.get(shape.tenant ?? '')
  const owner = tenant === undefined ? '' : ` of ${quoted(tenant)}`
  if (shape.rest && /^[*?/]*$/.test(subject.written.get(shape.rest) ?? ''))
    return [wide(reading, 'LR03', `every workload${owner}`)]
  const last = shape.resource?.at(-1)
  return last && subject.open.has(last) ? [wide(reading, 'LR03', `every ${word(last)}${owner}`)] : []
}

/** A subject by a template of GitHub's that begins with whose it is, and leaves that open. */
function template(reading: Reading): Finding[] {
  const [, claim = '', text = ''] = /^(repository(?:_owner)?(?:_id)?):([^:]*[*?])/.exec(reading.policy.subject) ?? []
  if (reading.preset?.name !== 'github' || claim === '') return []
  const isFixed = isTenantFixed(reading)
  if (/^[*?]/.test(text)) return [wide(reading, isFixed ? 'LR03' : 'LR02', `every ${word(claim)}`)]
  return claim === 'repository' ? [wide(reading, 'LR03', `every repository that begins with ${quoted(text)}`)] : []
}

const wide = (reading: Reading, rule: 'LR02' | 'LR03', whose: string) =>
  say(rule, 'error', `the subject ${quoted(reading.policy.subject)} lets in ${whose}`, narrower(reading))

/** Part of a name, and then a wildcard. */
function isContinuable(subject: ReadSubject, part: string): boolean {
  const text = subject.written.get(part) ?? ''
  return subject.open.has(part) && /^[^*?]/.test(text) && isWild(text)
}

const word = (part: string) =>
  part
    .replace(/^.*\//, '')
    .replace(/_slug$|Uuid$/, '')
    .replaceAll(/[_-]/g, ' ')

/** The provider's own form, with what the pattern is certain of; what is left is for the admin to say. */
export function narrower({ subject, preset, policy, claimsSeen }: Reading) {
  const form = subject?.form ?? preset?.subject.forms[0]?.form
  const seen = claimsSeen?.sub
  if (!subject && seen?.length === 1 && typeof seen[0] === 'string') return exactly(seen[0])
  if (form === undefined) return exactly(policy.subject.replace(/[*?]+.*$/s, '<rest of the subject>'))
  return exactly(
    form.replaceAll(/\{([^}]+?)[+*]?\}/g, (_, part: string) => {
      const text = subject?.written.get(part) ?? ''
      return text === '' || isWild(text) ? `<${part.replace(/^.*\//, '')}>` : text
    }),
  )
}
