import { expect } from 'chai'
import fc from 'fast-check'
import { digestOf, formatApiKey, hintOf, isApiKey } from '../../../src/server/accounts/api-key.ts'
import { addressKey } from '../../../src/server/accounts/failures.ts'

describe('accounts/api-key', () => {
  it('has the form of the contract, by known answers', () => {
    // CRC-32 (IEEE) of the 47 characters before it, worked out apart from this code.
    expect(formatApiKey(new Uint8Array(32))).to.equal(`csk_${'0'.repeat(43)}2Anc97`)
  })
  it('is recognized by its checksum, and a changed one is not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat(52), (random, at) => {
        const key = formatApiKey(random)
        expect(key).to.match(/^csk_[0-9A-Za-z]{49}$/)
        expect(isApiKey(key)).to.equal(true)
        const changed = key.slice(0, at) + (key[at] === 'x' ? 'y' : 'x') + key.slice(at + 1)
        expect(isApiKey(changed)).to.equal(false)
      }),
    )
  })
  it('is kept as SHA-256, and shown as its first 8 and last 4 characters', () => {
    expect(digestOf('abc')).to.equal('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(hintOf(`csk_abcd${'0'.repeat(41)}wxyz`)).to.equal('csk_abcd…wxyz')
  })
})

describe('accounts/failures', () => {
  const same: [string, string][] = [
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ]
  for (const [ip, key] of same) it(`counts ${ip} as ${key}`, () => expect(addressKey(ip)).to.equal(key))
})
