/** What is sealed opens in its own place, whole, under the key that sealed it or the one that followed; nowhere else. */
import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { createSeal, SealError } from '../../../src/server/tokens/seal.ts'

describe('tokens/seal', () => {
  const key = randomBytes(32)
  const plain = Buffer.from('the private half')
  const seal = createSeal(key)
  const sealed = seal.close(plain, 'key 1')
  const opened = (bytes: Buffer, aad = 'key 1', by = seal) => by.open(bytes.toString('base64'), aad)
  const bytes = Buffer.from(sealed, 'base64')

  it('opens what it closed', () => {
    expect(seal.open(sealed, 'key 1')).to.deep.equal({ plain, previous: false })
    expect(seal.open(seal.close(Buffer.alloc(0), ''), '')).to.deep.equal({ plain: Buffer.alloc(0), previous: false })
  })

  it('closes the same anew each time, and shows nothing of it', () => {
    expect(seal.close(plain, 'key 1')).to.not.equal(sealed)
    expect(bytes.includes(plain)).to.equal(false)
    expect(bytes.subarray(0, 12)).to.not.deep.equal(Buffer.from(seal.close(plain, 'key 1'), 'base64').subarray(0, 12))
  })

  for (const elsewhere of ['key 2', 'key', 'key 1 ', '']) {
    it(`does not open in another place (“${elsewhere}”)`, () => {
      expect(() => seal.open(sealed, elsewhere)).to.throw(SealError)
    })
  }

  it('does not open when a bit of it is another, wherever it stands', () => {
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes)
      changed[i] = (changed[i] as number) ^ 1
      expect(() => opened(changed), `byte ${i}`).to.throw(SealError)
    }
  })

  it('does not open what is too short, or too long', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => opened(bytes.subarray(0, length)), `${length} bytes`).to.throw(SealError)
      expect(() => opened(bytes.subarray(bytes.length - length)), `the last ${length} bytes`).to.throw(SealError)
    }
    expect(() => opened(Buffer.concat([bytes, Buffer.alloc(1)]))).to.throw(SealError)
    expect(() => seal.open('no base64 at all', 'key 1')).to.throw(SealError)
  })

  it('does not open under another key', () => {
    expect(() => opened(bytes, 'key 1', createSeal(randomBytes(32)))).to.throw(SealError, /key 1 does not open/)
  })

  it('opens under the key before, says so, and closes under the new one', () => {
    const next = randomBytes(32)
    const both = createSeal(next, key)
    expect(opened(bytes, 'key 1', both)).to.deep.equal({ plain, previous: true })
    expect(() => opened(bytes, 'key 2', both), 'in another place').to.throw(SealError)
    const anew = both.close(plain, 'key 1')
    expect(both.open(anew, 'key 1')).to.deep.equal({ plain, previous: false })
    expect(createSeal(next).open(anew, 'key 1')).to.deep.equal({ plain, previous: false })
    expect(() => seal.open(anew, 'key 1')).to.throw(SealError)
  })
})
