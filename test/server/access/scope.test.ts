import { expect } from 'chai'
import { grantScope, scopeLeft } from '../../../src/server/access/scope.ts'
import type { AccessLevel } from '../../../src/server/accounts/model.ts'
import { Refusal } from '../../../src/server/errors/refusal.ts'

const both = 'projects:read projects:write'

describe('access/scope', () => {
  const granted: [what: string, asked: string | undefined, access: AccessLevel, scope: string][] = [
    ['nothing: all that the account may', undefined, 'write', both],
    ['nothing, of one that reads', undefined, 'read', 'projects:read'],
    ['an empty text, which is nothing', '', 'write', both],
    ['reading alone', 'projects:read', 'write', 'projects:read'],
    ['writing alone', 'projects:write', 'write', 'projects:write'],
    ['both, in the order of the protocol', 'projects:write projects:read', 'write', both],
    ['a word twice', 'projects:read projects:read', 'write', 'projects:read'],
    ['more spaces than one', ' projects:read  openid ', 'write', 'projects:read'],
    ['a known word beside an unknown one', 'colour projects:read', 'write', 'projects:read'],
    ['spaces alone', '  ', 'read', 'projects:read'],
    ['what an OpenID client sends by itself', 'openid profile email offline_access', 'read', 'projects:read'],
    ...['openid', 'profile', 'email', 'offline_access'].map((word): [string, string, AccessLevel, string] => [
      `${word} alone`,
      word,
      'write',
      both,
    ]),
    ['what Google’s clients send', 'https://www.googleapis.com/auth/cloud-platform', 'write', both],
    ['what Azure’s clients send', 'api://countersign/.default', 'write', both],
    ['the same without a scheme', 'countersign/.default', 'write', both],
  ]
  for (const [what, asked, access, scope] of granted)
    it(`grants ${scope} to an account with access ${access} that asks for ${what}`, () =>
      expect(grantScope(asked, access)).to.equal(scope))

  const unknown = 'no scope of the request is known here; known: projects:read, projects:write'
  const refused: [what: string, asked: string, access: AccessLevel, says: string][] = [
    ['what the account may not have', 'projects:write', 'read', 'the account may not have the scope projects:write'],
    ['too much beside what it may', both, 'read', 'the account may not have the scope projects:write'],
    ['an unknown word', 'colour', 'write', unknown],
    ['an unknown word beside a default', 'openid colour', 'write', unknown],
    ['a misspelt word, which to a URL parser is a URL', 'projects:raed', 'write', unknown],
    ['what looks like a URL and is none', 'http://', 'write', unknown],
    ['a word that begins as a default ends', '/.default/x', 'write', unknown],
    ['two words that are one', 'projects:readprojects:write', 'write', unknown],
  ]
  for (const [what, asked, access, says] of refused)
    it(`refuses ${what}`, () => {
      try {
        grantScope(asked, access)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return expect([error.reason, error.says]).to.deep.equal(['scope_not_allowed', says])
      }
      return expect.fail('granted')
    })

  const left: [granted: string, access: AccessLevel, scope: string][] = [
    [both, 'write', both],
    ['projects:read', 'write', 'projects:read'],
    ['projects:write', 'write', 'projects:write'],
    ['projects:read', 'read', 'projects:read'],
    [both, 'read', 'projects:read'],
    ['projects:write', 'read', 'projects:read'],
    ['projects:read colour', 'read', 'projects:read'],
  ]
  for (const [scope, access, rest] of left)
    it(`leaves ${rest} of ${scope} to an account that now has access ${access}`, () =>
      expect(scopeLeft(scope, access)).to.equal(rest))
})
