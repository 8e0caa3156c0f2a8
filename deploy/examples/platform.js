// A stand-in for the platform that signs your workload's JWT (GitHub Actions, GitLab, Kubernetes …), to try things out.
//   node deploy/examples/platform.js jwks                      its public keys, to register the issuer with
//   node deploy/examples/platform.js token SUBJECT AUDIENCE    a token that it signed, good for five minutes
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'

const file = new URL('../../data/platform.pem', import.meta.url)
if (!existsSync(file)) {
  mkdirSync(new URL('.', file), { recursive: true, mode: 0o700 })
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
}
const key = createPrivateKey(readFileSync(file))
const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

const [what, sub, aud] = process.argv.slice(2)
if (what === 'jwks') {
  const jwk = createPublicKey(key).export({ format: 'jwk' })
  process.stdout.write(`${JSON.stringify({ keys: [{ ...jwk, kid: 'platform-1', use: 'sig', alg: 'RS256' }] })}\n`)
} else if (what === 'token' && sub && aud) {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: 'https://ci.example', sub, aud, iat: now, exp: now + 300, jti: `${now}-${Math.random()}` }
  const input = `${base64url({ alg: 'RS256', typ: 'JWT', kid: 'platform-1' })}.${base64url(claims)}`
  process.stdout.write(`${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}\n`)
} else {
  process.stderr.write('usage: platform.js jwks | platform.js token SUBJECT AUDIENCE\n')
  process.exitCode = 2
}
