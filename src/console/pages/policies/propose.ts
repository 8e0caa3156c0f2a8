/** From what is known of a workload, the policy that its platform's preset recommends. Pure. */
import type { Condition, Preset, Scalar } from '../../wire/shapes.ts'
import type { Members } from './draft.ts'
import { filled, type Known, readForms } from './forms.ts'
import type { Place } from './places/reading.ts'
import type { ReadToken } from './read-token.ts'

export type Proposal = { members: Members; known: Known; notes: string[] }

const aPart = /^\{([a-z_]+)\}$/
const filledValue = (value: Scalar, known: Known): Scalar => (typeof value === 'string' ? filled(value, known) : value)
const filledCondition = ({ claim, op, value }: Condition, known: Known): Condition => ({
  claim,
  op,
  value: Array.isArray(value) ? value.map((one) => filledValue(one, known)) : filledValue(value, known),
})

/** From an address. `ofIssuer`: what the issuer's URL says of the tenant. */
export function proposeForPlace(preset: Preset, place: Place, ofIssuer: Known): Proposal {
  const known = { ...ofIssuer, ...place.known }
  const { recommended } = preset
  const isOf = (condition: Condition) =>
    partOf(condition) !== undefined && Object.hasOwn(known, partOf(condition) ?? '')
  const extra = recommended.when_present.filter(isOf)
  const environment = extra.some(({ claim }) => claim === 'environment') && environmentForm(preset)
  return {
    known,
    notes: place.notes,
    members: {
      subject: filled(environment || recommended.subject, known),
      match: recommended.match,
      conditions: [...recommended.conditions, ...extra].map((condition) => filledCondition(condition, known)),
    },
  }
}

/** A job of an environment has another subject, where the platform says so. */
const environmentForm = ({ subject, recommended }: Preset) =>
  recommended.subject.includes('{environment}')
    ? undefined
    : subject.forms.find(({ form }) => form.includes('{environment}'))?.form

const partOf = ({ value }: Condition) => (typeof value === 'string' ? aPart.exec(value)?.[1] : undefined)

/** From a token: its own subject and ids, and of the rest what the preset recommends and the token has. */
export function proposeForToken(preset: Preset, token: ReadToken, ofIssuer: Known): Proposal {
  const said = new Map(token.claims.map(({ claim, values }) => [claim, values]))
  const { recommended, subject } = preset
  const wanted = [...recommended.conditions, ...recommended.when_present]
  const ofSubject = readForms(
    subject.forms.map(({ form }) => form),
    token.subject ?? '',
  )
  const ofClaims = Object.fromEntries(
    wanted.flatMap((condition) => {
      const [part, value] = [partOf(condition), said.get(condition.claim)?.[0]]
      return part !== undefined && value !== undefined ? [[part, `${value}`]] : []
    }),
  )
  const known: Known = { ...ofIssuer, ...ofSubject, ...ofClaims }
  const notes: string[] = []
  const conditions = wanted.flatMap((condition): Condition[] => {
    const values = said.get(condition.claim)
    if (values === undefined || values.length === 0) {
      if (!recommended.when_present.includes(condition))
        notes.push(`The token does not say ${condition.claim}, which the preset asks for: it is left out.`)
      return []
    }
    const [first = ''] = values
    if (partOf(condition) !== undefined) return [{ claim: condition.claim, op: 'equals', value: first }]
    if (!values.some((one) => [condition.value].flat().includes(one)))
      notes.push(
        `The token says ${condition.claim} ${JSON.stringify(first)}, which the recommended policy does not let in.`,
      )
    return [filledCondition(condition, known)]
  })
  if (token.subject === undefined) notes.push('The token has no subject: no policy fits it.')
  const pattern = filled(recommended.subject, known)
  const isOpen = recommended.match === 'glob' && token.subject !== undefined && fitsGlob(pattern, token.subject)
  return {
    known,
    notes,
    members: {
      subject: isOpen ? pattern : (token.subject ?? ''),
      match: isOpen ? 'glob' : 'exact',
      conditions,
    },
  }
}

/** `*`: any run of characters; `?`: one. Without a regular expression that could be made to backtrack. */
export function fitsGlob(pattern: string, text: string): boolean {
  const [glob, chars] = [[...pattern], [...text]]
  let [at, from, star, mark] = [0, 0, -1, 0]
  while (from < chars.length) {
    if (at < glob.length && glob[at] === '*') {
      star = at++
      mark = from
    } else if (at < glob.length && (glob[at] === '?' || glob[at] === chars[from])) {
      at++
      from++
    } else if (star >= 0) {
      at = star + 1
      from = ++mark
    } else return false
  }
  while (glob[at] === '*') at++
  return at === glob.length
}
