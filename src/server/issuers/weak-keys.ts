/** Keys that have the right form and are known to be worthless. Pure. */

const smallPrimes = [3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97]
const morePrimes = [101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167]
const generator = 65_537

/**
 * Whether an RSA modulus was made by the flawed Infineon library (ROCA, CVE-2017-15361): its primes, and so its modulus,
 * are a power of 65537 modulo the product of the small primes. So one exponent must fit modulo every one of them.
 */
export function hasRocaFingerprint(modulus: bigint): boolean {
  let exponent = 0n
  let period = 1n
  for (const prime of [...smallPrimes, ...morePrimes]) {
    const { log, order } = discreteLog(Number(modulus % BigInt(prime)), prime)
    if (log < 0) return false
    // Chinese remainders, by trial: step through what fits so far until it fits this prime too.
    let steps = 0
    while (exponent % BigInt(order) !== BigInt(log)) {
      if (++steps > order) return false
      exponent += period
    }
    period = lcm(period, BigInt(order))
  }
  return true
}

/** The exponent that gives `value` modulo the prime, or -1; and after how many steps the powers begin anew. */
function discreteLog(value: number, prime: number): { log: number; order: number } {
  let log = -1
  let order = 0
  let power = 1
  do {
    if (power === value) log = order
    power = (power * (generator % prime)) % prime
    order++
  } while (power !== 1)
  return { log, order }
}

const lcm = (a: bigint, b: bigint): bigint => (a / gcd(a, b)) * b
const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b))

/** y of every point of order 1, 2, 4 or 8 on edwards25519, all spellings, without the sign bit of x. Little-endian. */
const lowOrder = new Set([
  `00${'00'.repeat(31)}`,
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
])

/** Whether an Ed25519 public key (32 bytes) is a point under which one signature fits many messages. */
export function isLowOrderPoint(key: Buffer): boolean {
  const y = Buffer.from(key)
  y[31] = (y[31] ?? 0) & 0x7f
  return lowOrder.has(y.toString('hex'))
}
