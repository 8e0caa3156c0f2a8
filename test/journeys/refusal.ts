import { expect } from 'chai'
import type { Answer } from '../support/server.ts'

type Expected = { reason: string; error: string; status: number }

/** What holds for every refusal of the token endpoint (contract, "The token endpoint"). Returns its request id. */
export function expectRefusal({ status, headers, body }: Answer, expected: Expected): string {
  const { error, reason, error_description, request_id, ...rest } = body
  expect({ status, error, reason }).to.deep.equal({
    status: expected.status,
    error: expected.error,
    reason: expected.reason,
  })
  expect(rest, 'further members').to.deep.equal({})
  expect(error_description).to.match(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
  expect(request_id).to.match(/^req_[0-9a-hjkmnp-tv-z]{26}$/)
  expect(headers.get('content-type')).to.match(/^application\/json/)
  expect(headers.get('cache-control')).to.equal('no-store')
  expect(headers.has('www-authenticate'), 'WWW-Authenticate').to.equal(status === 401)
  const retryAfter = headers.get('retry-after')
  if (status === 429 || status >= 500) expect(retryAfter).to.match(/^[1-9]\d*$/)
  else expect(retryAfter).to.equal(null)
  return String(request_id)
}
