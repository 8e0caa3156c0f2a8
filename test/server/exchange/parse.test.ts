import { expect } from 'chai'
import { grantTypes, tokenTypes } from '../../../src/protocol/oauth.ts'
import { parse } from '../../../src/server/exchange/parse.ts'

const secretIn = (...parameters: [name: string, value: string][]) => parse({ parameters }, () => {}).proof.secret

describe('exchange/parse', () => {
  /** Each of the three ways in which a secret arrives. */
  const ways: Record<string, (secret: string) => string> = {
    assertion: (secret) => secretIn(['grant_type', grantTypes.jwtBearer], ['assertion', secret]),
    subject_token: (secret) =>
      secretIn(
        ['grant_type', grantTypes.tokenExchange],
        ['subject_token', secret],
        ['subject_token_type', tokenTypes.jwt],
      ),
    client_secret: (secret) => secretIn(['grant_type', grantTypes.clientCredentials], ['client_secret', secret]),
  }
  for (const [name, way] of Object.entries(ways)) {
    it(`${name}: ASCII white space around it goes, what is inside stays`, () => {
      expect(way(' \t\r\n\fa b\n')).to.equal('a b')
      for (const kept of ['\u00a0a', '\va', 'a\u2003', 'a\0']) expect(way(kept)).to.equal(kept)
    })
  }

  // Quadratic time would need minutes here; this needs milliseconds.
  it('takes time in proportion to the text, whatever white space stands in it', () => {
    const spaced = `a${' '.repeat(65_000)}b`
    for (let i = 0; i < 50; i++) expect(ways.assertion?.(spaced)).to.equal(spaced)
  })
})
