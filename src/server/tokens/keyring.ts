/**
 * Our own signing keys: which one signs now, which ones are published, when the next takes over.
 * Rules: what is in the database at a time decides, so that replicas agree without talking; a next key is always
 * published ahead; private keys are in memory only, sealed at rest.
 */
import type { KeyObject } from 'node:crypto'
import type { TokenAlgorithm } from '../../protocol/oauth.ts'
import { headerOf } from './mint.ts'
import type { Seal } from './seal.ts'
import { makeSigningKey, openSigningKey, publicKeyOf, ringAt } from './signing-key.ts'
import type { SigningKeyRow, SigningKeyStore } from './store.ts'

export type SigningKey = { kid: string; alg: TokenAlgorithm; header: string; privateKey: KeyObject }
export type PublishedKey = { kid: string; alg: TokenAlgorithm; publicKey: KeyObject }
export type Rotation = { current: string; next: string; activates_at: string }

/** How long a verifier may hold our key set: the max-age of /oauth/jwks, in seconds. */
export const keySetMaxAge = 300
/** A key signs only after every cached key set that lacks it has gone. */
const leadTime = 2 * keySetMaxAge * 1000
const day = 86_400_000

type Needs = { reading: SigningKeyStore; seal: Seal; now: () => number; alg: TokenAlgorithm; days: number }

export type Keyring = ReturnType<typeof createKeyring>

export function createKeyring({ reading, seal, now, alg, days }: Needs) {
  let rows: readonly SigningKeyRow[] = []
  const opened = new Map<string, { signing: SigningKey; published: PublishedKey }>()
  let worked: { of: typeof rows; second: number; ring: ReturnType<typeof ringAt> } | undefined

  /** The ring as it is now; worked out once a second at the most, since every token asks. */
  const ring = () => {
    const at = now()
    const second = Math.floor(at / 1000)
    if (worked?.of !== rows || worked.second !== second) worked = { of: rows, second, ring: ringAt(rows, at) }
    return worked.ring
  }

  const load = async () => {
    const all = await reading.all()
    for (const row of all) {
      if (opened.has(row.kid)) continue
      const { privateKey } = openSigningKey(row, seal)
      opened.set(row.kid, {
        signing: { kid: row.kid, alg: row.alg, header: headerOf(row.alg, row.kid), privateKey },
        published: { kid: row.kid, alg: row.alg, publicKey: publicKeyOf(row) },
      })
    }
    for (const kid of opened.keys()) if (!all.some((row) => row.kid === kid)) opened.delete(kid)
    rows = all
  }

  /** Leaves a current key, a next one of the wanted algorithm, and nothing that is past its time. */
  const tend = async (store: SigningKeyStore): Promise<{ changed: boolean }> => {
    const all = await store.all()
    const at = now()
    const { current, next, gone } = ringAt(all, at)
    let changed = gone.length > 0
    for (const { kid } of gone) await store.remove(kid)
    for (const row of all) {
      if (openSigningKey(row, seal).previous) {
        const { privateKey } = openSigningKey(row, seal)
        await store.update(row.kid, {
          sealed: seal.close(privateKey.export({ format: 'der', type: 'pkcs8' }), row.kid),
        })
      }
    }
    if (!current) {
      await store.insert(await makeSigningKey(alg, seal, at, at))
      changed = true
    }
    if (!next || next.alg !== alg) {
      if (next) await store.remove(next.kid)
      const soon = current && current.alg !== alg ? at + leadTime : null
      await store.insert(await makeSigningKey(alg, seal, at, soon))
      changed = true
    } else if (next.activatesAt === null && current && due(current, at)) {
      await store.update(next.kid, { activatesAt: Math.max(at, next.publishedAt + day) })
      changed = true
    }
    return { changed }
  }
  const due = ({ activatesAt }: SigningKeyRow, at: number) => (activatesAt ?? 0) + days * day <= at

  /**
   * Makes the next key the signing one: at once when every cached key set must hold it by now, else as soon as that is
   * so. `emergency`: at once, and the old key is withdrawn, so that its tokens die.
   */
  const rotate = async (store: SigningKeyStore, { emergency }: { emergency: boolean }): Promise<Rotation> => {
    await tend(store)
    const at = now()
    const before = ringAt(await store.all(), at)
    if (!before.current || !before.next) throw new Error('a ring without a current and a next key')
    const activatesAt = emergency ? at : Math.max(at, before.next.publishedAt + leadTime)
    await store.update(before.next.kid, { activatesAt: Math.min(activatesAt, before.next.activatesAt ?? activatesAt) })
    if (emergency) await store.update(before.current.kid, { withdrawnAt: at })
    await tend(store)
    const after = ringAt(await store.all(), at)
    if (!after.current || !after.next) throw new Error('a ring without a current and a next key')
    const since = after.next.activatesAt ?? after.current.activatesAt ?? at
    return { current: after.current.kid, next: after.next.kid, activates_at: new Date(since).toISOString() }
  }

  return {
    load,
    tend,
    rotate,
    /** What is kept, for the operator: never a private half. */
    state: () => {
      const { current, next, published } = ring()
      return { rows, current: current?.kid, next: next?.kid, published: published.map(({ kid }) => kid) }
    },
    signing(): SigningKey {
      const { current } = ring()
      const key = current && opened.get(current.kid)
      if (!key) throw new Error('there is no signing key')
      return key.signing
    },
    /** The key set of /oauth/jwks (RFC 7517 §5). */
    jwks: () => ({ keys: ring().published.map(({ publicJwk }) => publicJwk) }),
    /** A key whose tokens still count. Undefined for an unknown or withdrawn one. */
    find(kid: string): PublishedKey | undefined {
      const isPublished = ring().published.some((row) => row.kid === kid)
      return isPublished ? opened.get(kid)?.published : undefined
    },
  }
}
