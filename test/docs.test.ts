import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { grantTypes } from '../src/protocol/oauth.ts'
import { exchangeReasonNames, wireOf } from '../src/server/errors/catalogue.ts'
import { root } from './support/server.ts'

describe('docs/reasons.md', () => {
  const text = readFileSync(join(root, 'docs/reasons.md'), 'utf8')
  const rows = new Map(
    [...text.matchAll(/^\| `(\w+)` \| (\d+) (\S+) \|/gm)].map(([, reason, status, error]) => [
      reason,
      `${status} ${error}`,
    ]),
  )

  it('has a row for every reason, and no other', () => {
    expect([...rows.keys()].sort()).to.deep.equal([...exchangeReasonNames].sort())
  })

  for (const reason of exchangeReasonNames) {
    it(`says what ${reason} is on the wire`, () => {
      const { status, error } = wireOf(reason, grantTypes.tokenExchange)
      const byGrant = wireOf(reason, grantTypes.jwtBearer).error !== error
      expect(rows.get(reason)).to.equal(`${status} ${byGrant ? 'subject' : `\`${error}\``}`)
    })
  }
})
