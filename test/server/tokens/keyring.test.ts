import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { calculateJwkThumbprint } from 'jose'
import type { TokenAlgorithm } from '../../../src/protocol/oauth.ts'
import { openStorage } from '../../../src/server/storage/open.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import { createKeyring } from '../../../src/server/tokens/keyring.ts'
import { createSeal, SealError } from '../../../src/server/tokens/seal.ts'

const minute = 60_000
const day = 86_400_000

describe('tokens/keyring', () => {
  let dataDir: string
  let storage: Storage
  let now: number
  const master = randomBytes(32)
  const ring = (alg: TokenAlgorithm = 'ES256', seal = createSeal(master)) =>
    createKeyring({ reading: storage.reading.signingKeys, seal, now: () => now, alg, days: 30 })
  const tended = async (keyring = ring()) => {
    await storage.transaction(({ signingKeys }) => keyring.tend(signingKeys))
    await keyring.load()
    return keyring
  }
  const rotated = (keyring: ReturnType<typeof ring>, emergency = false) =>
    storage.transaction(({ signingKeys }) => keyring.rotate(signingKeys, { emergency })).finally(() => keyring.load())
  const kids = (keyring: ReturnType<typeof ring>) => keyring.jwks().keys.map(({ kid }) => kid)

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'countersign-ring-'))
    storage = await openStorage({ url: undefined, dataDir })
    now = Date.UTC(2026, 0, 1)
  })
  afterEach(async () => {
    await storage.close()
    rmSync(dataDir, { recursive: true, force: true })
  })

  it('begins with a key that signs and a next one that is published', async () => {
    const keyring = await tended()
    const { current, next } = keyring.state()
    expect(keyring.signing().kid).to.equal(current)
    expect(kids(keyring)).to.have.members([current, next])
    for (const jwk of keyring.jwks().keys) {
      expect(jwk).to.not.have.any.keys('d', 'p', 'q')
      expect(await calculateJwkThumbprint(jwk as never)).to.equal(jwk.kid)
    }
  })

  it('takes turns after 30 days, and keeps the old key published until its tokens have expired', async () => {
    const keyring = await tended()
    const { current, next } = keyring.state()
    now += 30 * day
    await tended(keyring)
    expect(keyring.signing().kid).to.equal(next)
    expect(kids(keyring)).to.include(current)
    await tended(keyring)
    expect(keyring.state().next).to.not.be.oneOf([current, next])
    now += 64 * minute
    await tended(keyring)
    expect(kids(keyring)).to.include(current)
    now += 2 * minute
    await tended(keyring)
    expect(kids(keyring)).to.not.include(current)
    expect(keyring.find(String(current))).to.equal(undefined)
    expect(keyring.state().rows.map(({ kid }) => kid)).to.include(current)
    now += day
    await tended(keyring)
    expect(keyring.state().rows.map(({ kid }) => kid)).to.not.include(current)
  })

  it('has a key to sign with when the clock was set back to before the first start, and the same one after', async () => {
    const keyring = await tended()
    const { current, next } = keyring.state()
    for (const back of [2 * minute, -2 * minute]) {
      now -= back
      await tended(keyring)
      expect(keyring.signing().kid).to.equal(current)
      expect(keyring.state().next).to.equal(next)
    }
  })

  it('finds the key of a token again when the clock ran fast over its end and was set back', async () => {
    const keyring = await tended()
    const { current } = keyring.state()
    now += 30 * day
    await tended(keyring)
    now += 3 * 60 * minute
    await tended(keyring)
    expect(keyring.find(String(current))).to.equal(undefined)
    now -= 3 * 60 * minute
    expect(keyring.find(String(current))?.kid).to.equal(current)
  })

  it('rotates on demand as soon as every cached key set must hold the next key', async () => {
    const keyring = await tended()
    const { current, next } = keyring.state()
    now += 4 * minute
    const early = await rotated(keyring)
    expect(early).to.deep.equal({ current, next, activates_at: new Date(now + 6 * minute).toISOString() })
    expect(keyring.signing().kid).to.equal(current)
    now += 6 * minute
    expect(keyring.signing().kid).to.equal(next)
    await tended(keyring)
    now += 11 * minute
    const atOnce = await rotated(keyring)
    expect(atOnce.current).to.not.be.oneOf([current, next])
    expect(atOnce.activates_at).to.equal(new Date(now).toISOString())
    expect(keyring.signing().kid).to.equal(atOnce.current)
  })

  it('switches at once in an emergency, and the old key is nobody’s', async () => {
    const keyring = await tended()
    const { current, next } = keyring.state()
    const done = await rotated(keyring, true)
    expect(done.current).to.equal(next)
    expect(keyring.signing().kid).to.equal(next)
    expect(keyring.find(String(current))).to.equal(undefined)
    expect(kids(keyring)).to.not.include(current)
  })

  it('goes over to another algorithm without a gap', async () => {
    await tended()
    const keyring = await tended(ring('EdDSA'))
    expect(keyring.signing().alg).to.equal('ES256')
    now += 10 * minute
    expect(keyring.signing().alg).to.equal('EdDSA')
  })

  it('keeps private halves sealed: none is on disk, another master key does not open them, the previous one does', async () => {
    const keyring = await tended()
    const pkcs8 = keyring.signing().privateKey.export({ format: 'der', type: 'pkcs8' })
    const [row] = await storage.reading.signingKeys.all()
    expect(Buffer.from(row?.sealed ?? '', 'base64').includes(pkcs8.subarray(-32))).to.equal(false)
    const other = randomBytes(32)
    const failed = await ring('ES256', createSeal(other))
      .load()
      .catch((error: unknown) => error)
    expect(failed).to.be.instanceOf(SealError)
    await tended(ring('ES256', createSeal(other, master)))
    await ring('ES256', createSeal(other)).load()
    expect(
      createHash('sha256')
        .update(row?.sealed ?? '')
        .digest('hex'),
    ).to.not.equal(
      createHash('sha256')
        .update((await storage.reading.signingKeys.all())[0]?.sealed ?? '')
        .digest('hex'),
    )
  })
})
