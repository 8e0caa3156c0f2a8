import { expect } from 'chai'
import type { Refusal } from '../../../src/server/errors/refusal.ts'
import { createDpop } from '../../../src/server/tokens/dpop.ts'
import { createNonces } from '../../../src/server/tokens/nonce.ts'
import { createProver } from '../../support/prover.ts'

describe('tokens/dpop', () => {
  const clock = { now: Date.parse('2026-11-25T12:00:00Z') }
  const now = () => clock.now
  const masterKey = Buffer.alloc(32, 1)
  const nonces = createNonces({ masterKey, now })
  const dpop = createDpop({ nonces, store: { claim: async () => undefined }, now })
  const url = 'https://id.example/oauth/token'

  async function reasonOf(asked: string, htu = url, nonce = nonces.issue()): Promise<string> {
    const prover = await createProver()
    const proofs = [await prover.proof({ url: htu, nonce })]
    try {
      return dpop.check({ proofs, method: 'POST', url: asked }).jkt === prover.jkt ? 'proven' : 'another key'
    } catch (error) {
      return (error as Refusal).reason
    }
  }

  it('goes by the path as it was sent: what leads elsewhere by its dots proves nothing', async () => {
    expect(await reasonOf(url)).to.equal('proven')
    for (const path of ['/x/../oauth/token', '/x/%2e%2e/oauth/token', '/./oauth/token', '/x/..\\oauth/token'])
      expect(await reasonOf(`https://id.example${path}`), path).to.equal('dpop_proof_invalid')
  })

  it('of a proof the URL counts in its normal form (RFC 9449 §4.3)', async () => {
    for (const htu of ['HTTPS://ID.example:443/oauth/token', `${url}?a=b`, 'https://id.example/x/../oauth/token'])
      expect(await reasonOf(url, htu), htu).to.equal('proven')
    for (const htu of [
      `${url}/`,
      'http://id.example/oauth/token',
      'https://id.example:8443/oauth/token',
      '/oauth/token',
    ])
      expect(await reasonOf(url, htu), htu).to.equal('dpop_proof_invalid')
  })

  it('a nonce serves for five minutes, and a little, whatever replica it is from', async () => {
    const nonce = createNonces({ masterKey, now }).issue()
    const begun = clock.now
    try {
      for (const [seconds, reason] of [
        [0, 'proven'],
        [299, 'proven'],
        [361, 'dpop_nonce_required'],
        [-120, 'dpop_nonce_required'],
      ] as const) {
        clock.now = begun + seconds * 1000
        expect(await reasonOf(url, url, nonce), `${seconds} s`).to.equal(reason)
      }
    } finally {
      clock.now = begun
    }
  })

  it('a nonce of another master key is none, but for the one before', async () => {
    const old = createNonces({ masterKey: Buffer.alloc(32, 2), now }).issue()
    expect(nonces.isFresh(old)).to.equal(false)
    const changed = createNonces({ masterKey, previous: Buffer.alloc(32, 2), now })
    expect([changed.isFresh(old), changed.isFresh(nonces.issue())]).to.deep.equal([true, true])
  })
})
