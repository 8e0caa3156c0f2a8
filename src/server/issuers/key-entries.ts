/** What is known about keys, by registration; the longest unused is forgotten first. */
import { type KeyState, unknownState } from './key-clocks.ts'
import { takeKeySet } from './key-set.ts'
import type { Registration } from './model.ts'

export type KeyedRegistration = Pick<Registration, 'id' | 'issuer' | 'jwksUri' | 'jwks' | 'version'>
/** Cancels what was planned. */
export type Cancel = () => void

export type Entry = {
  /** Where the keys come from. */
  readonly source: string
  readonly state: KeyState
  usedAt: number
  /** False once it was forgotten: what is still under way for it is nobody's any more. */
  current: boolean
  flight: Promise<void> | undefined
  cancel: Cancel | undefined
}

export type Entries = {
  /** The entry of the registration as it is now: a new one when its keys come from elsewhere than before. */
  of(registration: KeyedRegistration): Entry
  /** What is known, without calling it a use. */
  peek(registration: KeyedRegistration): KeyState
  holds(id: string, entry: Entry): boolean
  /** All that is known. */
  states(): Iterable<KeyState>
  forget(id: string): void
  close(): void
}

export function createEntries(clock: () => number, max: number): Entries {
  // A Map keeps the order of insertion; who is used is inserted again.
  const entries = new Map<string, Entry>()

  function of(registration: KeyedRegistration): Entry {
    const { id } = registration
    const source = sourceOf(registration)
    const known = entries.get(id)
    if (known?.source === source) {
      // Not at every use: moving costs more than finding.
      if (clock() - known.usedAt >= 1_000) {
        entries.delete(id)
        entries.set(id, known)
      }
      return known
    }
    forget(id)
    const state = stateOfUploaded(registration)
    const entry: Entry = { source, state, usedAt: clock(), current: true, flight: undefined, cancel: undefined }
    entries.set(id, entry)
    for (const oldest of entries.keys()) {
      if (entries.size <= max) break
      forget(oldest)
    }
    return entry
  }

  function peek(registration: KeyedRegistration): KeyState {
    // Uploaded keys are judged once, not whenever somebody looks.
    if (registration.jwks !== null) return of(registration).state
    const entry = entries.get(registration.id)
    return entry?.source === sourceOf(registration) ? entry.state : unknownState()
  }

  function forget(id: string): void {
    const entry = entries.get(id)
    entries.delete(id)
    if (!entry) return
    entry.current = false
    entry.cancel?.()
  }

  function close(): void {
    for (const id of [...entries.keys()]) forget(id)
  }

  function* states(): Iterable<KeyState> {
    for (const { state } of entries.values()) yield state
  }

  return { of, peek, forget, close, states, holds: (id, entry) => entries.get(id) === entry }
}

/** Uploaded keys are told apart by the version of the registration, which counts its changes. */
const sourceOf = ({ issuer, jwksUri, jwks, version }: KeyedRegistration) =>
  jwks === null ? `${jwksUri ?? 'discovery'} ${issuer}` : `uploaded ${version}`

/** Uploaded keys serve for ever. They were judged when they were saved; what would not be taken any more is left out. */
function stateOfUploaded({ jwks }: KeyedRegistration): KeyState {
  if (jwks === null) return unknownState()
  const taken = takeKeySet(jwks, { uploaded: false })
  const set = taken.ok ? taken.set : undefined
  const message = taken.ok ? null : `the uploaded set ${taken.why}`
  return { ...unknownState(), set, jwks, freshUntil: Number.POSITIVE_INFINITY, message }
}
