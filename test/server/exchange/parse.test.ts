import { expect } from 'chai'
import { clientAssertionType, grantTypes, tokenTypes } from '../../../src/protocol/oauth.ts'
import { parse } from '../../../src/server/exchange/parse.ts'
import { reasonOf } from '../../support/reasons.ts'

const secretIn = (...parameters: [name: string, value: string][]) => parse({ parameters }, () => {}).proof.secret

describe('exchange/parse', () => {
  /** Each of the ways in which a secret arrives. */
  const ways: Record<string, (secret: string) => string> = {
    assertion: (secret) => secretIn(['grant_type', grantTypes.jwtBearer], ['assertion', secret]),
    subject_token: (secret) =>
      secretIn(
        ['grant_type', grantTypes.tokenExchange],
        ['subject_token', secret],
        ['subject_token_type', tokenTypes.jwt],
      ),
    client_secret: (secret) => secretIn(['grant_type', grantTypes.clientCredentials], ['client_secret', secret]),
    client_assertion: (secret) =>
      secretIn(
        ['grant_type', grantTypes.clientCredentials],
        ['client_assertion', secret],
        ['client_assertion_type', clientAssertionType],
      ),
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

  describe('a subject token as client_assertion, with client_credentials', () => {
    const asked = (more: Record<string, string> = {}, basic?: string) => {
      const good = {
        grant_type: grantTypes.clientCredentials,
        client_assertion: 'a.b.c',
        client_assertion_type: clientAssertionType,
      }
      return parse(
        { parameters: Object.entries({ ...good, ...more }), ...(basic === undefined ? {} : { basic }) },
        () => {},
      )
    }
    const refusedAs = (more: Record<string, string>, basic?: string) => reasonOf(() => asked(more, basic))

    it('is judged as a subject token, and as nothing else', () => {
      expect(asked().proof).to.deep.equal({ kind: 'token', secret: 'a.b.c' })
      const targets = asked({ audience: 'https://a.example', resource: 'https://b.example' }).targets
      expect(targets).to.deep.equal(['https://a.example', 'https://b.example'])
    })

    it('its client_id names the account, and so may service_account, but not another', () => {
      expect(asked()).to.not.have.property('serviceAccount')
      expect(asked({ client_id: 'ml/trainer' }).serviceAccount).to.equal('ml/trainer')
      expect(asked({ service_account: 'ml/trainer' }).serviceAccount).to.equal('ml/trainer')
      const twice = { client_id: 'ml/trainer', service_account: 'ml/trainer' }
      expect(asked(twice).serviceAccount).to.equal('ml/trainer')
      expect(refusedAs({ ...twice, client_id: 'ml/other' })).to.equal('malformed_request')
    })

    it('has its type, and no API key beside it', () => {
      expect(refusedAs({ client_assertion_type: '' })).to.equal('parameter_missing')
      expect(refusedAs({ client_assertion: '' })).to.equal('parameter_missing')
      expect(refusedAs({ client_assertion_type: tokenTypes.jwt })).to.equal('malformed_request')
      expect(refusedAs({ client_secret: 'csk_1' })).to.equal('malformed_request')
      expect(refusedAs({}, 'csk_1')).to.equal('malformed_request')
      expect(refusedAs({ client_assertion: '', client_secret: 'csk_1' })).to.equal('malformed_request')
    })

    it('is nothing to the other grants, and client_id is nothing to an API key', () => {
      const parameters = Object.entries({
        grant_type: grantTypes.jwtBearer,
        assertion: 'd.e.f',
        client_id: 'ml/other',
        client_assertion: 'a.b.c',
      })
      const ask = parse({ parameters }, () => {})
      expect(ask.proof.secret).to.equal('d.e.f')
      expect(ask).to.not.have.property('serviceAccount')
      const withKey = { client_id: 'ml/other', service_account: 'ml/other', client_secret: 'csk_1' }
      const grant = { grant_type: grantTypes.clientCredentials }
      expect(parse({ parameters: Object.entries({ ...grant, ...withKey }) }, () => {})).to.not.have.property(
        'serviceAccount',
      )
    })
  })
})
