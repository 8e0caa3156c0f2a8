import { expect } from 'chai'
import { redacted } from '../../../src/server/exchange/redact.ts'

describe('exchange/redact', () => {
  const rows: [why: string, claims: Record<string, never>, kept: Record<string, unknown>][] = [
    [
      'keeps what says why',
      { sub: 'repo:a/b', run: 7, ok: true, aud: ['a', 'b'] } as never,
      { sub: 'repo:a/b', run: 7, ok: true, aud: ['a', 'b'] },
    ],
    [
      'replaces what is named like a secret',
      { client_secret: 'x', refresh_token: 'x', Password: 'x', session_id: 'x' } as never,
      { client_secret: '[redacted]', refresh_token: '[redacted]', Password: '[redacted]', session_id: '[redacted]' },
    ],
    [
      'replaces what looks like a token, at any depth',
      { deep: { list: [`${'a'.repeat(9)}.${'b'.repeat(9)}.${'c'.repeat(9)}`] } } as never,
      { deep: { list: ['[redacted]'] } },
    ],
    [
      'replaces what holds a token, a key or a PEM somewhere',
      {
        bearer: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln',
        encrypted: `see eyJhbGciOiJkaXIifQ..${'i'.repeat(16)}.${'c'.repeat(20)}.${'t'.repeat(22)}`,
        pem: 'key: -----BEGIN PRIVATE KEY-----',
      } as never,
      { bearer: '[redacted]', encrypted: '[redacted]', pem: '[redacted]' },
    ],
    ['keeps __proto__ as a claim', JSON.parse('{"__proto__":{"a":1}}') as never, JSON.parse('{"__proto__":{"a":1}}')],
    ['replaces one of our keys', { note: `csk_${'a'.repeat(49)}` } as never, { note: '[redacted]' }],
  ]
  for (const [why, claims, kept] of rows) it(why, () => expect(redacted(claims)).to.deep.equal(kept))
  it('cuts long texts, and keeps names alone when there is too much', () => {
    expect(redacted({ long: 'x'.repeat(2000) }).long).to.have.length(513)
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`claim${i}`, 'x'.repeat(400)]))
    expect(JSON.stringify(redacted(many)).length).to.be.lessThan(8000)
  })
})
