import { expect } from 'chai'
import { holdsSecret, withoutSecrets } from '../../src/protocol/secret-text.ts'

const key = `csk_${'a'.repeat(49)}`
const jws = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2lnbmF0dXJl'
const pem = '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----'

describe('secret-text', () => {
  const rows: [why: string, text: string, kept: string][] = [
    ['an API key', `a ${key} b`, 'a [redacted] b'],
    ['an API key, percent-encoded', `a csk%5F${'a'.repeat(49)}&b`, 'a [redacted]&b'],
    ['an API key, percent-encoded twice', `a csk%255F${'a'.repeat(49)}&b`, 'a [redacted]&b'],
    ['an API key that was cut', `a csk_${'a'.repeat(20)}`, 'a [redacted]'],
    ['a JWS', `Bearer ${jws}, b`, 'Bearer [redacted], b'],
    ['a JWS in a URL, its own escapes before it', `?next=a%3D${jws}&b=c`, '?next=a%3D[redacted]&b=c'],
    ['a JWS whose header begins with a line end', `a ewogImFsZyI6ICJub25lIn0.eyJzdWIiOiJ4In0.`, 'a [redacted]'],
    ['a JWE without an encrypted key', 'eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVy.dGFn', '[redacted]'],
    ['a private key', `k: ${pem}`, 'k: [redacted]'],
    ['a private key, as JSON has it', JSON.stringify({ pem, more: 1 }), '{"pem":"[redacted]","more":1}'],
    ...['\n', '\t', '\r', '\b', '\f', '\u0001'].map((before): [string, string, string] => [
      `a JWE behind ${JSON.stringify(before)}, as JSON has it`,
      JSON.stringify(`x${before}eyJlbmMiOiJBMjU2R0NNIn0.abcdefgh.ijkl.mnop.qrst`),
      JSON.stringify(`x${before}[redacted]`),
    ]),
    ['all of several', `${key} ${jws} ${key}`, '[redacted] [redacted] [redacted]'],
  ]
  for (const [why, text, kept] of rows)
    it(`takes out ${why}`, () => {
      expect(withoutSecrets(text)).to.equal(kept)
      expect(holdsSecret(text)).to.equal(true)
      expect(holdsSecret(kept)).to.equal(false)
    })

  it('leaves what opens nothing: hints, ids, hosts, subjects', () => {
    const texts = [
      'csk_abcd…wxyz',
      'key_01jz0000000000000000000000',
      'eyJ',
      'keyJar.production.internal',
      'a.b.c',
      'ewok-service.prod.eu',
      // Of a group of GitLab's, and of whoever would rather not be named.
      'project_path:eyJzzzzzzzzzz.x/proj:ref_type:branch:ref:main',
      '-----BEGIN A-----acme/prod/deployer',
    ]
    for (const text of [...texts, 'repo:acme/app:ref:refs/heads/main', 'https://eyjafjallajokull.example'])
      expect(withoutSecrets(text)).to.equal(text)
  })

  it('leaves JSON what it is', () => {
    const text = JSON.stringify({ ua: '-----BEGIN PRIVATE KEY-----AAAA"x\\', msg: 'm' })
    expect(JSON.parse(withoutSecrets(text))).to.deep.equal({ ua: '[redacted]"x\\', msg: 'm' })
  })

  it('is linear in the text', () => {
    const begun = performance.now()
    for (const piece of [
      'eyJ',
      'csk_',
      '-----BEGIN ',
      'eyJ-',
      '%3DeyJ',
      '-----BEGIN PRIVATE KEY-----',
      '-----BEGIN A ',
    ])
      withoutSecrets(piece.repeat(1_000_000 / piece.length))
    expect(performance.now() - begun).to.be.lessThan(2_000)
  })
})
