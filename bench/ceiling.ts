/**
 * The most that Express and this machine allow: one route that parses the form, verifies an RS256 signature and signs an
 * ES256 token, with node:crypto. No storage, no trail, no checks. Run by run.ts, which sends the public key.
 */
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import express from 'express'

const header = Buffer.from(JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: 'ceiling' })).toString('base64url')
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const app = express()

process.once('message', (jwk: { kty: string }) => {
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' })
  app.post('/oauth/token', express.urlencoded({ extended: false }), (req, res) => {
    const [head = '', body = '', signature = ''] = String(req.body.assertion).split('.')
    const holds = verify('sha256', Buffer.from(`${head}.${body}`), publicKey, Buffer.from(signature, 'base64url'))
    if (!holds) return void res.status(400).json({ error: 'invalid_grant' })
    const { sub } = JSON.parse(Buffer.from(body, 'base64url').toString())
    const iat = Math.floor(Date.now() / 1000)
    const claims = { iss: 'http://127.0.0.1', sub, aud: 'http://127.0.0.1', iat, exp: iat + 900 }
    const input = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
    const signed = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    res.json({ access_token: `${input}.${signed.toString('base64url')}`, token_type: 'Bearer', expires_in: 900 })
  })
  const server = app.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
})
process.once('disconnect', () => process.exit())
