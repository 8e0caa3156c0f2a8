/**
 * Our signing against AWS's own test suite (aws-c-auth, tests/aws-signing-test-suite/v4; Apache 2.0), and the check of the
 * stand-in against it too, so that neither is right by the other's grace.
 */
import { expect } from 'chai'
import { signedHeaders } from '../../../src/client/sources/aws-signature.ts'
import { checkSignature } from '../../support/platforms/aws-signature-check.ts'

const accessKeyId = 'AKIDEXAMPLE'
const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const sessionToken =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=='
const scope = { region: 'us-east-1', service: 'service', now: Date.parse('2015-08-30T12:36:00Z') }
const request = { url: new URL('https://example.amazonaws.com/'), method: 'POST' }
const body = 'Param1=value1'
const digest = '9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e'

const vectors: [
  name: string,
  ask: { headers: Record<string, string>; body: string; token?: string },
  names: string,
  signature: string,
][] = [
  [
    'post-sts-header-before',
    { headers: {}, body: '', token: sessionToken },
    'host;x-amz-date;x-amz-security-token',
    '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
  ],
  [
    'post-x-www-form-urlencoded',
    {
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': '13',
        'x-amz-content-sha256': digest,
      },
      body,
    },
    'content-length;content-type;host;x-amz-content-sha256;x-amz-date',
    'd3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b',
  ],
]

describe('client/sources/aws-signature', () => {
  for (const [name, { headers, body, token }, names, signature] of vectors) {
    const credentials = { accessKeyId, secretAccessKey, ...(token !== undefined && { sessionToken: token }) }
    const signed = () => signedHeaders({ ...request, headers, body }, credentials, scope)

    it(`is AWS's own: ${name}`, async () => {
      const sent = await signed()
      expect(sent.authorization).to.equal(
        `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${names}, Signature=${signature}`,
      )
      expect(sent['x-amz-date']).to.equal('20150830T123600Z')
      expect(sent['x-amz-security-token']).to.equal(token)
    })

    it(`is what the stand-in of AWS accepts, and nothing else: ${name}`, async () => {
      const sent = { ...(await signed()), host: 'example.amazonaws.com' }
      const keys = new Map([[accessKeyId, { secret: secretAccessKey, ...(token !== undefined && { token }) }]])
      const check = (own: object, at: object = {}) =>
        checkSignature({ ...request, headers: sent, body, ...own }, { keys, ...scope, ...at })
      expect(check({})).to.have.property('accessKeyId', accessKeyId)
      for (const [own, at] of [
        [{ body: `${body}x` }],
        [{ method: 'PUT' }],
        [{ url: new URL('https://example.amazonaws.com/other') }],
        [{ headers: { ...sent, host: 'other.amazonaws.com' } }],
        [{}, { region: 'eu-west-1' }],
        [{}, { service: 'sts' }],
        [{}, { now: scope.now + 301_000 }],
        [{}, { keys: new Map([[accessKeyId, { secret: 'another', token }]]) }],
      ] as [object, object?][])
        expect(check(own, at), JSON.stringify([own, at])).to.deep.equal({ error: 'SignatureDoesNotMatch' })
      expect(check({ headers: { ...sent, authorization: undefined } })).to.deep.equal({
        error: 'MissingAuthenticationToken',
      })
      expect(check({}, { keys: new Map() })).to.deep.equal({ error: 'InvalidClientTokenId' })
    })
  }
})
