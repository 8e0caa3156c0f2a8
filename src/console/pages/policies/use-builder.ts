import { useMemo, useState } from 'react'
import type { Issuer, Preset, Scalar } from '../../wire/shapes.ts'
import { type Draft, fillGaps, type Members, toggled, withMembers } from './draft.ts'
import { type Known, knownOfIssuer } from './forms.ts'
import { offeredClaims } from './offered-claims.ts'
import { proposeForPlace, proposeForToken } from './propose.ts'
import { issuerFor, readPlace } from './read-place.ts'
import type { Summary } from './read-summary.tsx'
import type { ReadToken } from './read-token.ts'
import { tokenNotes } from './token-notes.ts'

type Needs = { issuers: readonly Issuer[]; presets: readonly Preset[]; begin: Draft; summary?: Summary | undefined }

/** The policy that is being written, and what is known of the workload that it is for. Of a token its claims, in memory alone. */
export function useBuilder({ issuers, presets, begin, summary: first }: Needs) {
  const [draft, setDraft] = useState(begin)
  const [known, setKnown] = useState<Known>({})
  const [token, setToken] = useState<ReadToken>()
  const [summary, setSummary] = useState<Summary | undefined>(first)
  const issuer = issuers.find(({ name }) => name === draft.issuer)
  const presetOf = (one: Issuer | undefined) => presets.find(({ name }) => name === (one?.preset ?? 'custom'))
  const preset = presetOf(issuer)
  const change = (changes: Partial<Draft>) => setDraft((before) => ({ ...before, ...changes }))
  const propose = (of: Issuer | undefined, proposal: { members: Members; known: Known }) => {
    setKnown(proposal.known)
    setDraft((before) =>
      withMembers({ ...before, issuer: of?.name ?? before.issuer }, { cel: null, ...proposal.members }),
    )
  }

  function takePlace(text: string): boolean {
    const place = readPlace(text, { issuers, chosen: issuer })
    const of = place && presets.find(({ name }) => name === place.preset)
    if (!place || !of) return false
    const found = issuerFor(place, issuers, issuer) as Issuer | undefined
    const proposal = proposeForPlace(of, place, found ? knownOfIssuer(of, found.issuer) : {})
    propose(found, proposal)
    setToken(undefined)
    const missing = `No issuer of ${of.title} is registered for it: choose the one that signs its tokens, or have an admin of the organization register it.`
    setSummary({
      title: `${of.title}: ${place.is}`,
      notes: [...(found ? [] : [missing]), ...place.notes],
      look: place.look,
    })
    return true
  }
  function takeToken(read: ReadToken): void {
    const signers = issuers.filter((one) => one.issuer === read.issuer)
    const found = signers.find(({ audiences }) => read.audiences.some((one) => audiences.includes(one))) ?? signers[0]
    const of = presetOf(found ?? issuer)
    if (!of) return
    const proposal = proposeForToken(of, read, found ? knownOfIssuer(of, found.issuer) : {})
    propose(found, proposal)
    setToken(read)
    setSummary({
      title: `A token of ${of.title}, read in this browser`,
      notes: [...tokenNotes(read, found, Date.now()), ...proposal.notes],
    })
  }

  const groups = useMemo(() => offeredClaims(preset, token, known), [preset, token, known])
  return {
    draft,
    change,
    known,
    issuer,
    preset,
    summary,
    groups,
    takePlace,
    takeToken,
    toggle: (claim: string, value: Scalar) => setDraft((before) => toggled(before, claim, value)),
    mend: (better: Partial<Members>) => setDraft((before) => withMembers(before, better)),
    fill(given: Known) {
      setKnown((before) => ({ ...before, ...given }))
      setDraft((before) => fillGaps(before, given))
    },
  }
}
export type Builder = ReturnType<typeof useBuilder>
