/**
 * The keys of issuers, cached by registration.
 * Rules of this file: one fetch at a time for a registration, across replicas too; none in quiet time; a good set is
 * replaced by a good one only; a bad signature never gets here. What replicas share may be away: then each goes alone.
 */
import type { SubjectAlgorithm } from '../../protocol/oauth.ts'
import { Refusal } from '../errors/refusal.ts'
import type { FetchKeys } from './discovery.ts'
import type { UsableKey } from './jwk.ts'
import {
  freshSpan,
  healthOf,
  type IssuerHealth,
  isFresh,
  isIdle,
  isQuiet,
  type KeyState,
  quietUntil,
  refreshAt,
  servingKeys,
  stateOf,
} from './key-clocks.ts'
import { type Cancel, createEntries, type Entry, type KeyedRegistration } from './key-entries.ts'
import type { KeySet } from './key-set.ts'
import type { Registration } from './model.ts'
import { Unreachable } from './outbound.ts'
import { type Probe, probeKeys } from './probe.ts'
import { shareKeys } from './shared-keys.ts'
import type { SharedKeySets } from './store.ts'
import { messageOf, type Tell, telling } from './told-fetch.ts'

export type { KeyedRegistration } from './key-entries.ts'

export type Keys = {
  /** Throws Refusal('issuer_unavailable') when no key is known, or all are past their time. */
  keysFor(registration: KeyedRegistration): Promise<KeySet>
  /** The keys to try. An unknown kid may cause one fetch. Throws as keysFor does. */
  find(registration: KeyedRegistration, kid: string | undefined, alg: SubjectAlgorithm): Promise<readonly UsableKey[]>
  /** Drops what is known, here and for other replicas, and fetches now. What came of it is in the health. */
  refresh(registration: KeyedRegistration): Promise<IssuerHealth>
  /** Fetches now and tells each step. Changes nothing that is known. `id`: of what is registered. */
  probe(source: Pick<Registration, 'issuer' | 'jwksUri' | 'jwks'> & { id?: string }): Promise<Probe>
  health(registration: KeyedRegistration): IssuerHealth
  /** How many of the issuers that are known here are in each state. */
  states(): Record<IssuerHealth['state'], number>
  /** Drops what this replica knows: the registration changed, was refreshed elsewhere, or is gone. */
  forget(id: string): void
  close(): void
}

type Needs = {
  fetchKeys: FetchKeys
  /** Milliseconds since 1970. */
  clock?: () => number
  shared?: SharedKeySets
  /** Runs `work` once, after `ms`, without keeping the process alive. */
  after?: (ms: number, work: () => void) => Cancel
  /** Hears of what should not happen. */
  report?: (error: unknown) => void
  /** Hears of every fetch for a registration. */
  tell?: Tell
  maxEntries?: number
}

type Run = (fetch: () => Promise<void>) => Promise<void>

export function createKeys({ fetchKeys, clock = Date.now, shared, after = afterUnref, ...needs }: Needs): Keys {
  const { report = () => {}, tell = () => {}, maxEntries = 10_000 } = needs
  const fetchFor = telling(fetchKeys, clock, tell)
  const entries = createEntries(clock, maxEntries)
  const sharing = shareKeys(shared, clock, report)

  async function keysFor(registration: KeyedRegistration): Promise<KeySet> {
    const entry = entries.of(registration)
    const { state } = entry
    const now = clock()
    entry.usedAt = now
    const serving = servingKeys(state, now)
    const rests = isQuiet(state, now) || registration.jwks !== null
    if (serving && (rests || isFresh(state, now) || state.failures > 0)) {
      if (!rests && (now >= refreshAt(state) || !isFresh(state, now))) void attempt(registration, entry)
      return serving
    }
    if (!rests) await attempt(registration, entry)
    return servingKeys(state, clock()) ?? unavailable(registration, state)
  }

  async function find(registration: KeyedRegistration, kid: string | undefined, alg: SubjectAlgorithm) {
    const set = await keysFor(registration)
    const found = set.find(kid, alg)
    if (found.length > 0 || kid === undefined || set.has(kid) || registration.jwks !== null) return found
    const entry = entries.of(registration)
    if (isQuiet(entry.state, clock())) return found
    await attempt(registration, entry)
    return (servingKeys(entry.state, clock()) ?? set).find(kid, alg)
  }

  /** Fetches, unless it is under way (then it waits for that) or quiet time for all replicas. Never rejects. */
  function attempt(registration: KeyedRegistration, entry: Entry, run: Run = onceFor(registration, entry)) {
    entry.flight ??= run(() => fetchInto(registration, entry))
      .catch(report)
      .finally(() => {
        entry.flight = undefined
        planNext(registration, entry)
      })
    return entry.flight
  }

  function onceFor({ id }: KeyedRegistration, entry: Entry): Run {
    return (fetch) => sharing.once(id, entry, fetch)
  }

  async function fetchInto(registration: KeyedRegistration, { state }: Entry): Promise<void> {
    try {
      const { set, jwks, freshFor } = await fetchFor(registration.id)(registration)
      const now = clock()
      Object.assign(state, {
        set,
        jwks,
        attemptedAt: now,
        fetchedAt: now,
        freshUntil: now + freshSpan(freshFor),
        failures: 0,
        message: null,
      })
    } catch (error) {
      if (!(error instanceof Unreachable)) report(error)
      state.attemptedAt = clock()
      state.failures++
      state.message = messageOf(error)
    }
  }

  /** The next background fetch: before the set stops being fresh, or when quiet time ends. Idle entries rest. */
  function planNext(registration: KeyedRegistration, entry: Entry): void {
    entry.cancel?.()
    if (!entries.holds(registration.id, entry)) return
    const { state } = entry
    const due = Math.max(quietUntil(state), state.failures > 0 ? 0 : refreshAt(state))
    entry.cancel = after(Math.max(due - clock(), 1_000), () => {
      if (!isIdle(entry.usedAt, clock())) void attempt(registration, entry)
    })
  }

  async function refresh(registration: KeyedRegistration): Promise<IssuerHealth> {
    const { id } = registration
    entries.forget(id)
    if (registration.jwks === null) {
      await sharing.drop(id)
      const entry = entries.of(registration)
      // Whatever is under way began before we were asked, and may bring what is to be dropped.
      await attempt(registration, entry, (fetch) => sharing.anew(id, entry, fetch))
    }
    return health(registration)
  }

  function health(registration: KeyedRegistration): IssuerHealth {
    return healthOf(entries.peek(registration), clock())
  }

  function states() {
    const counts: ReturnType<Keys['states']> = { ok: 0, stale: 0, failing: 0, unknown: 0 }
    for (const state of entries.states()) counts[stateOf(state, servingKeys(state, clock()))]++
    return counts
  }

  function unavailable({ id }: KeyedRegistration, state: KeyState): never {
    const retryAfter = Math.min(Math.max(1, Math.ceil((quietUntil(state) - clock()) / 1_000)), 300)
    throw new Refusal('issuer_unavailable', { retryAfter, detail: { issuerId: id, message: state.message } })
  }

  const probes = new Map<string, Promise<Probe>>()
  /** Many who ask at a time get one answer. */
  function probe(source: Parameters<Keys['probe']>[0]): Promise<Probe> {
    const { id, issuer, jwksUri, jwks } = source
    const key = JSON.stringify([id, issuer, jwksUri, jwks])
    const fetch = id === undefined ? fetchKeys : fetchFor(id)
    const probing = probes.get(key) ?? probeKeys(fetch, source).finally(() => probes.delete(key))
    probes.set(key, probing)
    return probing
  }

  const { forget, close } = entries
  return { keysFor, find, refresh, probe, health, states, forget, close }
}

function afterUnref(ms: number, work: () => void): Cancel {
  const timer = setTimeout(work, ms).unref()
  return () => clearTimeout(timer)
}
