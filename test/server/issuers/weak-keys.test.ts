import { expect } from 'chai'
import { hasRocaFingerprint } from '../../../src/server/issuers/weak-keys.ts'

const primes = Array.from({ length: 165 }, (_, i) => i + 3).filter((n) => {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false
  return true
})
const product = primes.reduce((all, prime) => all * BigInt(prime), 1n)
const power = (exponent: number, prime: number) => {
  let value = 1
  for (let i = 0; i < exponent; i++) value = (value * 65_537) % prime
  return value
}
/** After how many steps the powers of 65537 begin anew. */
const orderOf = (prime: number) => {
  let order = 1
  while (power(order, prime) !== 1) order++
  return order
}
const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/** A number with these remainders (Chinese remainders, by the inverse that Fermat's little theorem gives). */
function numberWith(remainder: (prime: number) => number): bigint {
  let sum = 0n
  for (const prime of primes) {
    const rest = product / BigInt(prime)
    let inverse = 1n
    for (let i = 0; i < prime - 2; i++) inverse = (inverse * rest) % BigInt(prime)
    sum += BigInt(remainder(prime)) * rest * inverse
  }
  return sum % product
}

describe('issuers/weak-keys', () => {
  it('knows every power of 65537, whichever the exponent (CVE-2017-15361)', () => {
    for (const exponent of [0, 1, 2, 3, 65, 166, 1_000, 12_345, 99_991])
      expect(hasRocaFingerprint(numberWith((prime) => power(exponent, prime))), String(exponent)).to.equal(true)
  })

  it('takes for good what is no power of it modulo one of the primes', () => {
    for (const odd of primes) {
      const order = orderOf(odd)
      if (order === odd - 1) continue
      const powers = new Set(Array.from({ length: order }, (_, i) => power(i, odd)))
      const other = Array.from({ length: odd - 1 }, (_, i) => i + 1).find((one) => !powers.has(one)) as number
      for (const exponent of [6, 7])
        expect(hasRocaFingerprint(numberWith((p) => (p === odd ? other : power(exponent, p)))), String(odd)).to.equal(
          false,
        )
    }
  })

  it('takes for good what is a power modulo each of the primes, and no one power modulo all', () => {
    const orders = new Map(primes.map((prime) => [prime, orderOf(prime)]))
    for (const odd of primes)
      for (const shift of [1, 2, 3]) {
        const order = orders.get(odd) as number
        // One exponent for all is left when no other prime sees the difference.
        const seen = primes.some((one) => one !== odd && shift % gcd(order, orders.get(one) as number) !== 0)
        const number = numberWith((prime) => power(prime === odd ? 6 + shift : 6, prime))
        if (seen) expect(hasRocaFingerprint(number), `${odd} ${shift}`).to.equal(false)
      }
  })
})
