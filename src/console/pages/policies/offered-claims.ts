/** The claims that a policy may ask for, by who decides what they say. Pure. */
import type { Preset, Scalar } from '../../wire/shapes.ts'
import { type Known, knownIn } from './forms.ts'
import type { ReadToken } from './read-token.ts'

export type Offered = {
  claim: string
  is: string | undefined
  /** What it would have to say: of the token, of the address, or open. */
  value: Scalar
  isKnown: boolean
}
export type OfferedGroup = { control: string; title: string; about: string; claims: Offered[] }

const groups = [
  ['immutable', 'Ids that stay', 'Never given to anybody else: ask for the resource’s or the tenant’s.'],
  ['mutable', 'Names and settings', 'Whoever owns it renames or sets it, and somebody else can come to have it.'],
  ['attacker_influenced', 'Said by whoever starts the job', 'Worth something only beside an id that stays.'],
  ['unknown', 'Not known to the preset', 'Ask the platform who decides what these say.'],
] as const

export function offeredClaims(preset: Preset | undefined, token: ReadToken | undefined, known: Known): OfferedGroup[] {
  const said = new Map(token?.claims.map(({ claim, values }) => [claim, values[0]]))
  const of = (claim: string, is?: string): Offered => {
    const part = [...(preset?.recommended.conditions ?? []), ...(preset?.recommended.when_present ?? [])]
      .find((condition) => condition.claim === claim && /^\{[a-z_]+\}$/.test(String(condition.value)))
      ?.value.toString()
      .slice(1, -1)
    const name = part ?? (claim.split('/').at(-1) ?? '').replace(/[^a-z]/gi, '_').toLowerCase()
    const value = said.get(claim) ?? knownIn(known, claim) ?? (part ? knownIn(known, part) : undefined)
    return { claim, is, value: value ?? `<${name}>`, isKnown: value !== undefined }
  }
  const listed = new Set(preset?.claims.map(({ claim }) => claim))
  const others = [...said.keys()].filter((claim) => !listed.has(claim))
  return groups.flatMap(([control, title, about]) => {
    const claims =
      control === 'unknown'
        ? others.map((claim) => of(claim))
        : (preset?.claims ?? []).flatMap((one) =>
            one.control === control && one.claim !== 'sub' ? [of(one.claim, one.is)] : [],
          )
    return claims.length > 0 ? [{ control, title, about, claims }] : []
  })
}
