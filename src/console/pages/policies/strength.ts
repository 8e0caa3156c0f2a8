/**
 * How well a policy says whom it means, in words. What it says of ids, pull requests and environments it has seen in the
 * policy by itself; how bad the rest is, lint says, and this never says better. Pure.
 */
import type { Finding, Preset, Scalar } from '../../wire/shapes.ts'
import { type Draft, membersOf } from './draft.ts'
import { fitsGlob } from './propose.ts'
import { strangersOf } from './strangers.ts'

/** `open`: not asked for, and that need be no fault. */
export type Holds = 'yes' | 'partly' | 'no' | 'unknown' | 'open'
export type Point = { about: string; holds: Holds; says: string }
export type Strength = { level: 'dangerous' | 'weak' | 'fair' | 'strong'; says: string; points: Point[] }
/** Values that a claim has to have: any of them. */
export type Pins = ReadonlyMap<string, readonly Scalar[]>

export function strengthOf(draft: Draft, preset: Preset | undefined, findings: readonly Finding[]): Strength {
  const pins = pinsOf(draft, preset)
  const id = identity(draft, preset, pins)
  const points = [
    id,
    ...strangersOf(preset?.name, draft, pins),
    ...environment(draft, preset, pins),
    subject(draft, id.holds === 'yes' && preset?.recommended.match === 'glob'),
    ...expression(draft),
  ]
  const has = (severity: Finding['severity']) => findings.some((one) => one.severity === severity)
  const isShort = points.some(({ holds }) => holds === 'no' || holds === 'partly' || holds === 'unknown')
  const level = has('error') ? 'dangerous' : has('warn') ? 'weak' : isShort ? 'fair' : 'strong'
  return { level, says: words[level], points }
}

const words = {
  dangerous: 'Strangers get in, or it never works: it is refused unless you say why.',
  weak: 'It works, and lets in more than most people want.',
  fair: 'Lint has nothing against it; something is left open, as the list says.',
  strong: 'It says exactly whom it means, by what nobody else can come to have.',
} as const

/** What the policy demands in every case: conditions, and the subject as far as it is certain. CEL is not read here. */
export function pinsOf(draft: Draft, preset: Preset | undefined): Pins {
  const { conditions, match } = membersOf(draft)
  const pins = new Map<string, readonly Scalar[]>()
  for (const { claim, op, value } of conditions) {
    if (op === 'equals' || op === 'in') pins.set(claim, [value].flat())
  }
  const certain = match === 'glob' ? (draft.subject.split(/[*?]/, 1)[0] ?? '') : draft.subject
  for (const claim of pinnedBySubject(certain, certain === draft.subject, preset)) {
    if (!pins.has(claim)) pins.set(claim, [])
  }
  return pins
}

const plain = (text: string) => (text.split('/').at(-1) ?? '').toLowerCase().replace(/[^a-z0-9]/g, '')

/** Ids in the part of the subject that is certain, in a form of the preset. */
function pinnedBySubject(certain: string, isWhole: boolean, preset: Preset | undefined): string[] {
  return (preset?.subject.forms ?? []).flatMap(({ form, pins = [] }) =>
    pins.filter((claim) => {
      const part = [...form.matchAll(/\{([a-z_]+)\}/g)].find(([, name = '']) => plain(claim).endsWith(plain(name)))
      if (!part) return isWhole && certain !== '' && fitsGlob(form.replace(/\{[a-z_]+\}/g, '*'), certain)
      const upTo = form.slice(0, part.index + part[0].length).replace(/\{[a-z_]+\}/g, '*')
      const next = form.charAt(part.index + part[0].length)
      return next === '' ? isWhole && fitsGlob(upTo, certain) : fitsGlob(`${upTo}${next}*`, certain)
    }),
  )
}

function identity({ subject, match }: Draft, preset: Preset | undefined, pins: Pins): Point {
  const about = 'An id that stays'
  const ids = (preset?.claims ?? []).filter(({ control, pins: of }) => control === 'immutable' && of !== undefined)
  if (ids.length === 0)
    return match === 'exact' && subject !== ''
      ? { about, holds: 'unknown', says: 'Nothing is known of this platform’s ids; the subject is asked for whole.' }
      : { about, holds: 'no', says: 'Nothing is known of this platform’s ids, and the subject is open.' }
  const pinned = ids.filter(({ claim }) => pins.has(claim))
  const names = pinned.map(({ claim }) => claim).join(', ')
  if (pinned.some(({ pins: of }) => of === 'resource'))
    return { about, holds: 'yes', says: `${names}: nobody else can ever have it, whatever is renamed.` }
  const resources = ids.filter(({ pins: of }) => of === 'resource').map(({ claim }) => claim)
  if (pinned.length > 0)
    return resources.length === 0
      ? { about, holds: 'partly', says: `${names} says which tenant; what runs there is told by a name alone.` }
      : {
          about,
          holds: 'partly',
          says: `${names} says which tenant; everything of that tenant is let in by name. Ask for ${resources.join(' or ')}, too.`,
        }
  return {
    about,
    holds: 'no',
    says: `Names alone, which can be given to somebody else. Ask for ${ids.map(({ claim }) => claim).join(' or ')}.`,
  }
}

const environments = ['environment', 'deploymentEnvironmentUuid', 'environment_protected']

function environment({ subject }: Draft, preset: Preset | undefined, pins: Pins): Point[] {
  const known = preset?.claims.some(({ claim }) => environments.includes(claim))
  if (!known) return []
  const about = 'An environment'
  const found = environments.find((claim) => pins.has(claim))
  const isInSubject = /(?:^|:)environment:[^*?:]+/.test(subject)
  return [
    found || isInSubject
      ? { about, holds: 'yes', says: 'Asked for. It is worth what its protection rules are: reviewers, branches.' }
      : { about, holds: 'open', says: 'Not asked for: every job of what else is asked for gets in.' },
  ]
}

/** `isUsual`: the platform's subjects end in what never comes twice, and an id says whose they are. */
function subject({ subject: text, match }: Draft, isUsual: boolean): Point {
  const about = 'The subject'
  if (text === '') return { about, holds: 'no', says: 'Nothing stands there yet.' }
  if (match === 'exact' || !/[*?]/.test(text)) return { about, holds: 'yes', says: 'Asked for whole.' }
  const [before = ''] = text.split(/[*?]/, 1)
  return before === ''
    ? { about, holds: 'no', says: 'It begins with a wildcard: anything fits.' }
    : {
        about,
        holds: isUsual ? 'open' : 'partly',
        says: `Open behind “${before}”; a * stands for anything, : and / too.`,
      }
}

const expression = ({ cel }: Draft): Point[] =>
  cel.trim() === ''
    ? []
    : [
        {
          about: 'The expression',
          holds: 'unknown',
          says: 'It narrows further; what it demands is judged by lint, not here.',
        },
      ]
