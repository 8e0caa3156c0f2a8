/** Reading a stranger's token, and the keys that it is read with. */
import type { Guard } from './guards.ts'

const json = { file: 'src/protocol/strict-json.ts', test: 'test/protocol/strict-json.test.ts' }
const compact = { file: 'src/server/issuers/compact.ts', test: 'test/server/issuers/read.test.ts' }
const read = { file: 'src/server/issuers/read.ts', test: 'test/server/issuers/read.test.ts' }
const time = { file: 'src/server/issuers/time.ts', test: 'test/server/issuers/time.test.ts' }
const jwk = { file: 'src/server/issuers/jwk.ts', test: 'test/server/issuers/jwk.test.ts' }
const keySet = { file: 'src/server/issuers/key-set.ts', test: 'test/server/issuers/jwk.test.ts' }
const verify = { file: 'src/server/issuers/verify.ts', test: 'test/server/issuers/verify.test.ts' }
const find = { file: 'src/server/issuers/find-registration.ts', test: 'test/server/issuers/find-registration.test.ts' }
const signature = { file: 'src/server/issuers/signature.ts', test: 'test/server/issuers/signature.test.ts' }

export const readingGuards: readonly Guard[] = [
  { ...json, line: 'repeated members', cut: "if (kept !== written) return { ok: false, fault: 'duplicate' }" },
  { ...json, line: 'first byte', cut: 'if (text.charCodeAt(0) !== openBrace) return malformed' },
  { ...compact, line: 'one spelling', cut: "decoded.toString('base64url') !== part", put: 'false' },
  { ...compact, line: 'UTF-8', cut: 'if (!isUtf8(decoded)) throw malformed(`its ${name} part is not UTF-8`)' },
  { ...compact, line: 'three parts', cut: "if (token.indexOf('.', second + 1) >= 0) {", put: 'if (false) {' },
  { ...json, test: read.test, line: 'lone surrogates', cut: 'if (escapes && !inner.isWellFormed()) return -1' },
  {
    ...read,
    line: 'sub too long',
    cut: "if (Buffer.byteLength(subject) > maxSubjectBytes) throw malformed('its sub is longer than 1,024 bytes')",
  },
  {
    ...read,
    line: 'sub with control characters',
    cut: "if (/\\p{Cc}/u.test(subject)) throw malformed('its sub holds control characters')",
  },
  { ...verify, line: 'sub empty', cut: " || sub === ''" },
  {
    ...read,
    line: 'aud with a member that is no string',
    cut: "if (!aud.every((one) => typeof one === 'string')) throw malformed('its aud holds something that is not a string')",
  },
  {
    ...read,
    line: 'too many audiences',
    cut: "if (aud.length > maxAudiences) throw malformed('its aud has more than 32 members')",
  },
  { ...json, line: 'infinite numbers', cut: 'if (!Number.isFinite(inner)) return -1' },
  { ...read, line: 'times beyond 2^53', cut: ' || Math.abs(time) > maxTime' },
  {
    ...time,
    line: 'expiry missing',
    cut: "if (typeof exp !== 'number') return { reason: 'expiry_missing' }",
    put: "if (typeof exp !== 'number') return undefined",
  },
  {
    ...time,
    line: 'expired',
    cut: "if (now >= exp + clockTolerance) return fault('token_expired', 'expired', now - exp, 'ago (exp)')",
  },
  { ...time, line: 'expiry too far away', cut: 'if (exp > now + maxTokenAge + clockTolerance) {', put: 'if (false) {' },
  {
    ...time,
    line: 'not valid yet',
    cut: "if (typeof nbf === 'number' && nbf > now + clockTolerance) {",
    put: 'if (false) {',
  },
  {
    ...time,
    line: 'iat missing',
    cut: "if (typeof iat !== 'number') return { reason: 'issued_at_missing' }",
    put: "if (typeof iat !== 'number') return undefined",
  },
  {
    ...time,
    line: 'iat in the future',
    cut: "if (iat > now + clockTolerance) return fault('token_issued_in_future', 'was issued', iat - now, 'in the future (iat)')",
  },
  {
    ...time,
    line: 'iat after exp',
    cut: "if (iat > exp) return fault('token_malformed', 'was issued', iat - exp, 'after its own expiry (iat, exp)')",
  },
  { ...time, line: 'too old', cut: 'if (now - iat > maxTokenAge) {', put: 'if (false) {' },
  { ...time, line: 'lives too long', cut: 'if (exp - iat > maxTokenAge + clockTolerance) {', put: 'if (false) {' },
  { ...read, line: 'jti that is no string', cut: "optionalText(claims, 'jti', malformed)\n" },
  {
    ...read,
    line: 'kid that is no string',
    cut: "optionalText(header, 'kid', malformed)",
    put: 'header.kid as string',
  },
  {
    ...read,
    line: 'typ that is no string',
    cut: "optionalText(header, 'typ', malformed)",
    put: 'header.typ as string',
  },
  { ...read, line: 'crit', cut: "if (Object.hasOwn(header, 'crit')) throw new Refusal('critical_header')" },
  { ...read, line: 'b64', cut: "if (Object.hasOwn(header, 'b64')) throw malformed('its header has b64')" },
  {
    ...read,
    line: 'access tokens as subject tokens',
    cut: "if (typ !== undefined && isAccessToken(typ)) throw malformed('it is an access token (typ is at+jwt)')",
  },
  { ...read, line: 'algorithms', cut: 'if (!isSubjectAlgorithm(alg)) {', put: 'if (false) {' },
  { ...read, line: 'too large', cut: "if (token.length > maxTokenBytes) throw new Refusal('token_too_large')" },
  { ...json, line: 'too deep', cut: 'if (++depth > maxDepth) return -1', put: 'depth++' },
  { ...json, line: 'too many members', cut: 'names.length > maxMembers ? malformed : ', put: '' },
  {
    ...verify,
    line: 'algorithms of the issuer',
    cut: 'if (!isAllowed(alg, registration.algorithms)) {',
    put: 'if (false) {',
  },
  {
    ...verify,
    line: 'signature',
    cut: "if (!fitting.some(({ key }) => signatureHolds(alg, key, input, signature))) throw new Refusal('signature_invalid')",
  },
  {
    ...signature,
    line: 'signatures of the right length',
    cut: 'if (signature.length !== lengthOf(alg, key)) return false',
  },
  {
    ...verify,
    line: 'one use, however it is spelled',
    cut: "['input', signingInput]",
    put: "['input', signingInput + String(Math.random())]",
  },
  {
    ...find,
    line: 'a token that fits two registrations',
    cut: "if (another) throw audienceNotAccepted(audiences, 'fits two registrations', sharedOwner(enabled))",
  },
  {
    ...find,
    line: 'further audiences',
    cut: 'if (extraAudiences || audiences.every((audience) => own.includes(audience))) return found',
    put: 'return found',
  },
  {
    ...find,
    line: 'disabled issuers',
    cut: 'fitting.filter(({ registration }) => registration.enabled)',
    put: 'fitting',
  },
  { ...jwk, line: 'RSA keys that are too short', cut: 'modulusLength < minBits || ' },
  { ...jwk, line: 'RSA keys that are too long', cut: 'modulusLength > maxBits', put: 'false' },
  { ...jwk, line: 'RSA keys of another exponent', cut: 'publicExponent !== 65_537n', put: 'false' },
  { ...jwk, line: 'ROCA', cut: 'hasRocaFingerprint(', put: 'false && hasRocaFingerprint(' },
  {
    ...jwk,
    line: 'low-order points',
    cut: "if (isLowOrderPoint(Buffer.from(x, 'base64url'))) return { why: 'it is a point of low order' }",
  },
  {
    ...jwk,
    line: 'use',
    cut: "if (of('use') !== undefined && of('use') !== 'sig') return unfit('its use is not sig')",
  },
  {
    ...jwk,
    line: 'key_ops',
    cut: "if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {",
    put: 'if (false) {',
  },
  {
    ...jwk,
    line: 'alg of a key',
    cut: 'judged.algorithms.filter((one) => sameAs.includes(one))',
    put: 'judged.algorithms',
  },
  { ...jwk, line: 'symmetric keys', cut: "if (of('kty') === 'oct') return unfit('it is a symmetric key')" },
  {
    ...jwk,
    line: 'private keys',
    cut: "if (privateMembers.some((member) => of(member) !== undefined)) return unfit('it holds private key material')",
  },
  { ...keySet, line: 'one key, one kind of algorithm', cut: 'key.algorithms.includes(alg),', put: 'true,' },
  {
    ...keySet,
    line: 'too many keys',
    cut: 'if (list.length > maxKeys) return { ok: false, why: `holds more than ${maxKeys} keys` }',
  },
  {
    ...keySet,
    line: 'an uploaded set with an unfit key',
    cut: 'if (uploaded) return { ok: false, why: `has an unfit key, ${kid ?? `number ${index + 1}`}: ${judged.why}` }',
  },
  {
    ...keySet,
    line: 'a kid of two keys',
    cut: "if (uploaded && alike.length > 0) return { ok: false, why: 'its kid is of another key of the set, too' }",
  },
]
