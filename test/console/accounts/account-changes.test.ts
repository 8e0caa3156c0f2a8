import { expect } from 'chai'
import { changesOf, type Editable, rebased, theirChanges } from '../../../src/console/pages/accounts/account-changes.ts'

describe('console/pages/accounts/account-changes', () => {
  const before: Editable = {
    name: 'robot',
    description: 'old',
    access: 'write',
    tokenTtl: 900,
    defaultTeam: '',
    dpop: false,
  }

  it('sends what was changed, and nothing else', () => {
    expect(changesOf(before, before)).to.deep.equal({})
    expect(changesOf(before, { ...before, description: ' ', tokenTtl: 60 })).to.deep.equal({
      description: null,
      token_ttl: 60,
    })
    expect(changesOf(before, { ...before, name: 'x', access: 'read', defaultTeam: 'ml', dpop: true })).to.deep.equal({
      name: 'x',
      access: 'read',
      default_team: 'ml',
      dpop_bound_access_tokens: true,
    })
  })

  it('keeps what I have typed, and takes the rest as they have made it', () => {
    const mine = { ...before, description: 'mine' }
    const theirs = { ...before, description: 'theirs', access: 'read' as const }
    expect(rebased(before, mine, theirs)).to.deep.equal({ ...before, description: 'mine', access: 'read' })
    expect(theirChanges(before, mine, theirs)).to.deep.equal([
      { what: 'Description', now: 'theirs', isMineToo: true },
      { what: 'Access', now: 'read', isMineToo: false },
    ])
  })
})
