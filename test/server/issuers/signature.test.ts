import { expect } from 'chai'
import { CompactSign, exportJWK, generateKeyPair } from 'jose'
import { subjectAlgorithms } from '../../../src/protocol/oauth.ts'
import { judgeKey } from '../../../src/server/issuers/jwk.ts'
import { signatureHolds } from '../../../src/server/issuers/signature.ts'

describe('issuers/signature', () => {
  for (const alg of subjectAlgorithms) {
    it(`agrees with jose on ${alg}`, async () => {
      const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
      const judged = judgeKey(await exportJWK(publicKey))
      if (!judged.ok) throw new Error(judged.why)
      const token = await new CompactSign(Buffer.from('{}')).setProtectedHeader({ alg }).sign(privateKey)
      const cut = token.lastIndexOf('.')
      const input = Buffer.from(token.slice(0, cut))
      const signature = Buffer.from(token.slice(cut + 1), 'base64url')
      const holds = (text: Buffer, mark: Buffer) => signatureHolds(alg, judged.key, text, mark)

      expect(judged.algorithms).to.include(alg)
      expect(holds(input, signature)).to.equal(true)
      expect(holds(Buffer.from(`${input}x`), signature)).to.equal(false)
      expect(holds(input, Buffer.concat([signature, Buffer.from([0])]))).to.equal(false)
      expect(holds(input, Buffer.concat([Buffer.from([0]), signature]))).to.equal(false)
      expect(holds(input, signature.subarray(1))).to.equal(false)
      expect(holds(input, Buffer.alloc(0))).to.equal(false)
      expect(holds(input, Buffer.alloc(signature.length))).to.equal(false)
      signature[3] = (signature[3] ?? 0) ^ 1
      expect(holds(input, signature)).to.equal(false)
    })
  }

  for (const alg of ['RS256', 'PS256', 'PS384', 'PS512'] as const)
    it(`does not take one of ${alg} whose leading zero is left out`, async () => {
      const { constants, generateKeyPairSync, sign } = await import('node:crypto')
      const { privateKey: key, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
      const padding = alg.startsWith('PS') ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING
      const options = { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      // One in 256 begins with a zero.
      for (let turn = 0; ; turn++) {
        const input = Buffer.from(`a.${turn}`)
        const signature = sign(`sha${alg.slice(2)}`, input, options)
        if (signature[0] !== 0) continue
        expect(signatureHolds(alg, publicKey, input, signature)).to.equal(true)
        expect(signatureHolds(alg, publicKey, input, signature.subarray(1))).to.equal(false)
        return
      }
    })

  it('does not take a salt of another length, nor DER', async () => {
    const { constants, generateKeyPairSync, sign } = await import('node:crypto')
    const input = Buffer.from('a.b')
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const salted = { key: rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 20 }
    expect(signatureHolds('PS256', rsa.publicKey, input, sign('sha256', input, salted))).to.equal(false)
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    expect(signatureHolds('ES256', ec.publicKey, input, sign('sha256', input, ec.privateKey))).to.equal(false)
  })
})
