import { expect } from 'chai'
import { claimLines } from '../../deploy/ci/github/src/claim-lines.ts'

describe('deploy/ci: the claims in the log of the Action', () => {
  it('are those that say who the job is, and a date where it is one', () => {
    const claims = { sub: 'repo:acme/app', ref: '', enterprise: 'x', repository_id: 7, exp: 1_780_000_000 }
    expect(claimLines(claims)).to.deep.equal([
      'sub: repo:acme/app',
      'repository_id: 7',
      'exp: 2026-05-28T20:26:40.000Z',
    ])
    for (const exp of [8_640_000_000_001, 1e300]) expect(claimLines({ exp })).to.deep.equal([`exp: ${exp}`])
    expect(claimLines({ exp: 'soon' })).to.deep.equal([])
  })
})
