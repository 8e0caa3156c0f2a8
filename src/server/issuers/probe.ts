/** Fetches an issuer's keys for an admin who asks what is wrong: each step, how it went and how long it took. */
import type { SubjectAlgorithm } from '../../protocol/oauth.ts'
import type { FetchKeys, KeySource, StepReport } from './discovery.ts'
import { type KeySummary, summaries } from './key-clocks.ts'
import { type KeySet, takeKeySet } from './key-set.ts'
import type { Registration } from './model.ts'
import { Unreachable } from './outbound.ts'

/** `steps` ends with the one that failed. `algorithms`: what the usable keys can have signed with. */
export type Probe = { ok: boolean; steps: StepReport[]; keys: KeySummary[]; algorithms: readonly SubjectAlgorithm[] }

export async function probeKeys(fetchKeys: FetchKeys, source: KeySource & Pick<Registration, 'jwks'>): Promise<Probe> {
  const steps: StepReport[] = []
  if (source.jwks !== null) {
    const taken = takeKeySet(source.jwks, { uploaded: true })
    const message = taken.ok ? 'the uploaded keys can be used' : `the uploaded set ${taken.why}`
    steps.push({ step: 'keys', ok: taken.ok, message, milliseconds: 0 })
    return { ok: taken.ok, steps, ...said(taken.ok ? taken.set : undefined) }
  }
  try {
    const { set } = await fetchKeys(source, (step) => steps.push(step))
    return { ok: true, steps, ...said(set) }
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error
    return { ok: false, steps, ...said(undefined) }
  }
}

const said = (set: KeySet | undefined): Pick<Probe, 'keys' | 'algorithms'> => ({
  keys: set ? summaries(set) : [],
  algorithms: [...new Set(set?.keys.flatMap(({ algorithms }) => algorithms))],
})
