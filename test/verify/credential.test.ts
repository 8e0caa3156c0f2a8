import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { actions } from '../../src/protocol/access.ts'
import { accessTokenType, scopes, tokenAlgorithms } from '../../src/protocol/oauth.ts'
import { formatApiKey, isApiKey, digestOf as ourDigest } from '../../src/server/accounts/api-key.ts'
import { hasScope } from '../../src/verify/caller.ts'
import { credentialIn, digestOf, kindOf } from '../../src/verify/credential.ts'
import { algorithms } from '../../src/verify/key-set.ts'

const key = formatApiKey(randomBytes(32))
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`

describe('verify/credential', () => {
  const shown: [what: string, header: string | undefined, credential: string | undefined][] = [
    ['nothing', undefined, undefined],
    ['an empty header', '', undefined],
    ['Bearer', 'Bearer abc', 'abc'],
    ['bearer in another case', 'bEARER  abc ', 'abc'],
    ['Bearer with nothing', 'Bearer ', undefined],
    ['Bearer with two', 'Bearer a b', undefined],
    ['another scheme', 'Digest abc', undefined],
    ['Basic', basic(`api:${key}`), key],
    ['Basic with any user, and a colon in the password', basic('x:a:b'), 'a:b'],
    ['Basic, percent-encoded', basic(`api:${key.replace('_', '%5F')}`), key],
    ['Basic with a broken escape', basic('api:a%zz'), 'a%zz'],
    ['Basic without a password', basic('api:'), undefined],
    ['Basic without a colon', basic('api'), undefined],
    ['Basic that is no base64', 'Basic !!', undefined],
  ]
  for (const [what, header, credential] of shown)
    it(`reads ${what}`, () => {
      expect(credentialIn(header)).to.equal(credential)
    })

  it('knows an API key by its checksum, as Countersign does', () => {
    for (let i = 0; i < 500; i++) {
      const made = formatApiKey(randomBytes(32))
      expect(kindOf(made), made).to.equal('api_key')
      const at = 4 + (i % 49)
      const other = made[at] === 'a' ? 'b' : 'a'
      const typo = made.slice(0, at) + other + made.slice(at + 1)
      expect(kindOf(typo) === 'api_key').to.equal(isApiKey(typo))
    }
    expect(kindOf('a.b.c')).to.equal('token')
    for (const neither of ['', 'a.b', 'a.b.', 'a.b.c.d', 'a.b.c=', ' a.b.c', `${key}x`])
      expect(kindOf(neither)).to.equal('neither')
  })

  it('takes a token of 16 KiB, and not of a byte more', () => {
    expect(kindOf(`a.${'b'.repeat(16_380)}.c`)).to.equal('token')
    expect(kindOf(`a.${'b'.repeat(16_381)}.c`)).to.equal('neither')
  })

  it('remembers credentials by the digest that Countersign keeps', async () => {
    expect(await digestOf(key)).to.equal(ourDigest(key))
  })

  it('speaks the words of the protocol', () => {
    expect(algorithms).to.have.members([...tokenAlgorithms])
    expect(accessTokenType).to.equal('at+jwt')
    expect(scopes).to.deep.equal(actions.map((action) => `projects:${action}`))
    expect(hasScope({ scope: [scopes[1]] }, scopes[0])).to.equal(true)
  })
})
