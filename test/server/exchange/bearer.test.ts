/** What revocation should have ended already is asked once more: here it cannot have, since there is none. */
import { expect } from 'chai'
import type { AccessTokenClaims } from '../../../src/protocol/oauth.ts'
import { createBearerOf } from '../../../src/server/exchange/bearer.ts'
import { accountOf, noon, teamOf, userOf } from '../../support/nouns.ts'

const team = teamOf('org_acme')
const claims = { sub: 'x', aud: 'https://id.example', scope: 'projects:read projects:write' } as AccessTokenClaims

function bearerOf(principal: AccessTokenClaims['principal'], found: { account?: object; user?: object }) {
  return createBearerOf({
    readOwn: () => ({ ...claims, principal }),
    lookups: {
      account: async () => found.account && { account: accountOf(team, 'bot', found.account), org: 'acme', team: 'ml' },
      user: async () => found.user && { user: userOf('org_acme', 'ada', found.user), org: 'acme' },
      keyHolder: async () => undefined,
    },
    publicUrl: () => 'https://id.example',
    now: () => noon,
  })('a.b.c')
}

describe('exchange/bearer', () => {
  it('is nobody when the account is disabled, or gone', async () => {
    expect(await bearerOf('service_account', { account: { enabled: false } })).to.equal(undefined)
    expect(await bearerOf('service_account', {})).to.equal(undefined)
    expect(await bearerOf('user', {})).to.equal(undefined)
  })

  it('has the scope that is left now', async () => {
    const scope = async (...who: Parameters<typeof bearerOf>) => (await bearerOf(...who))?.scope
    expect(await scope('service_account', { account: {} })).to.equal('projects:read projects:write')
    expect(await scope('service_account', { account: { access: 'read' } })).to.equal('projects:read')
    expect(await scope('user', { user: { role: 'viewer' } })).to.equal('projects:read')
    expect(await scope('user', { user: { role: 'member' } })).to.equal('projects:read projects:write')
  })
})
