/** A trust policy as it is being written. Pure. What is typed stays, right or wrong: the service judges it. */
import type { Condition, PolicyFields, Scalar, TrustPolicy } from '../../wire/shapes.ts'
import { gapsIn, type Known, withoutGaps } from './forms.ts'

export type Kind = 'string' | 'number' | 'boolean'
/** A condition with a name of its own, so that editing one does not move the others. */
export type Row = { id: string; claim: string; op: Condition['op']; values: readonly Scalar[]; kind: Kind }
export type Draft = {
  name: string
  /** The registered name. */
  issuer: string
  subject: string
  match: PolicyFields['match']
  rows: readonly Row[]
  cel: string
}
/** Members as the API takes them. */
export type Members = Pick<PolicyFields, 'subject' | 'match' | 'conditions'> & { cel?: string | null }

export const emptyDraft: Draft = { name: '', issuer: '', subject: '', match: 'exact', rows: [], cel: '' }

let made = 0
export const rowOf = ({ claim, op, value }: Condition): Row => {
  const values = [value].flat()
  const kind = typeof values[0]
  return {
    id: `row-${++made}`,
    claim,
    op,
    values,
    kind: op === 'exists' ? 'string' : kind === 'number' || kind === 'boolean' ? kind : 'string',
  }
}

/** What the text means, of this kind; a text that is no number stays one, and is seen to be wrong. */
export function scalarOf(kind: Kind, text: string): Scalar {
  if (kind === 'number' && /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text.trim())) return Number(text)
  if (kind === 'boolean' && /^(?:true|false)$/.test(text.trim())) return text.trim() === 'true'
  return text
}

export function conditionOf({ claim, op, values }: Row): Condition {
  const [first = ''] = values
  if (op === 'exists') return { claim: claim.trim(), op, value: first !== false }
  return { claim: claim.trim(), op, value: op === 'in' ? [...values] : first }
}

/** Of another operator, with what can be kept of the value. */
export function withOp(row: Row, op: Condition['op']): Row {
  if (op === 'exists') return { ...row, op, values: [true], kind: 'string' }
  const values = row.op === 'exists' ? [''] : row.values
  return { ...row, op, values: op === 'in' ? values.filter((one) => one !== '') : values.slice(0, 1) }
}

export const membersOf = ({ subject, match, rows, cel }: Draft): Required<Members> => ({
  subject,
  match,
  conditions: rows.map(conditionOf),
  cel: cel.trim() === '' ? null : cel,
})

export const draftOf = ({ name, issuer, subject, match, conditions, cel }: TrustPolicy): Draft => ({
  name,
  issuer,
  subject,
  match,
  rows: conditions.map(rowOf),
  cel: cel ?? '',
})

/** With members as the API has them, such as a finding's `better` or a suggestion: each stands in place of what was there. */
export function withMembers(draft: Draft, members: Partial<Members>): Draft {
  const { subject = draft.subject, match = draft.match, conditions, cel = draft.cel } = members
  return { ...draft, subject, match, cel: cel ?? '', rows: conditions ? conditions.map(rowOf) : draft.rows }
}

/** What is still open: `<like this>`, each once. */
export function gapsOf({ subject, rows }: Draft): string[] {
  const texts = [subject, ...rows.flatMap(({ values }) => values)]
  return [...new Set(texts.flatMap((text) => (typeof text === 'string' ? gapsIn(text) : [])))]
}

export function fillGaps(draft: Draft, known: Known): Draft {
  const mended = (value: Scalar) => (typeof value === 'string' ? withoutGaps(value, known) : value)
  return {
    ...draft,
    subject: withoutGaps(draft.subject, known),
    rows: draft.rows.map((row) => ({ ...row, values: row.values.map(mended) })),
  }
}

/** A chip: asks for the claim, or does so no more. */
export function toggled(draft: Draft, claim: string, value: Scalar): Draft {
  const isAsked = draft.rows.some((row) => row.claim === claim)
  return {
    ...draft,
    rows: isAsked
      ? draft.rows.filter((row) => row.claim !== claim)
      : [...draft.rows, rowOf({ claim, op: 'equals', value })],
  }
}
