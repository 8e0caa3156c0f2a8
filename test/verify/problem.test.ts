import { expect } from 'chai'
import { problemOf } from '../../src/verify/problem.ts'
import { VerifyError, type VerifyErrorCode, verifyErrorCodes } from '../../src/verify/verify-error.ts'

const realm = 'https://api.example'
const problem = (...of: ConstructorParameters<typeof VerifyError>) => problemOf(new VerifyError(...of), realm)

describe('verify/problem', () => {
  const challenges: [code: VerifyErrorCode, more: object, challenge: string | undefined][] = [
    ['credential_missing', {}, `Bearer realm="${realm}"`],
    ['inactive', {}, `Bearer realm="${realm}", error="invalid_token"`],
    [
      'scope_missing',
      { scope: 'projects:write' },
      `Bearer realm="${realm}", error="insufficient_scope", scope="projects:write"`,
    ],
    ['access_denied', { reason: 'other_team' }, undefined],
    ['unavailable', {}, undefined],
  ]
  for (const [code, more, challenge] of challenges)
    it(`challenges as RFC 6750 says: ${code}`, () => {
      expect(problem(code, more).headers['WWW-Authenticate']).to.equal(challenge)
    })

  it('is a problem of RFC 9457, never kept by anybody, whatever the code', () => {
    for (const code of verifyErrorCodes) {
      const { status, headers, body } = problem(code)
      expect(headers).to.include({ 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' })
      const { title, detail, ...rest } = JSON.parse(body)
      expect(rest, code).to.deep.equal({ type: 'about:blank', status, reason: code })
      for (const text of [title, detail]) expect(text).to.be.a('string').and.not.equal('')
      expect('Retry-After' in headers, code).to.equal(status === 503)
      expect('WWW-Authenticate' in headers, code).to.equal(status === 401 || code === 'scope_missing')
    }
  })

  it('says the reason of Countersign beside its own', () => {
    const { body } = problem('access_denied', { reason: 'other_team' })
    expect(JSON.parse(body)).to.include({ reason: 'access_denied', access_reason: 'other_team' })
  })

  it('tells a caller nothing of the key of the API', () => {
    expect(problem('key_refused').body).to.not.match(/key of this API|resource server/)
  })

  it('rounds what is left to wait up to whole seconds', () => {
    expect(problem('unavailable', { retryAfter: 0.2 }).headers['Retry-After']).to.equal('1')
  })

  it('writes nothing into a header that does not belong there', () => {
    const error = new VerifyError('scope_missing', { scope: 'a"\r\nSet-Cookie: b' })
    const { headers } = problemOf(error, 'https://例え.example/"\\\n')
    expect(headers['WWW-Authenticate']).to.equal(
      'Bearer realm="https://.example/", error="insufficient_scope", scope="aSet-Cookie: b"',
    )
    expect(() => new Headers(headers)).to.not.throw()
  })
})
