import { expect } from 'chai'
import { reaches, shiftOf } from '../../../src/console/pages/teams/visibility.ts'

describe('console: what the visibility of a project means', () => {
  it('is that of the table: who is not of the team reaches open and public projects alone', () => {
    const others = Object.entries(reaches).map(([visibility, { others }]) => [visibility, others])
    expect(Object.fromEntries(others)).to.deep.equal({
      team: 'nothing',
      restricted: 'nothing',
      open: 'read and write',
      public: 'read',
    })
  })

  const shifts: [from: keyof typeof reaches, to: keyof typeof reaches, gains: number, loses: number][] = [
    ['team', 'team', 0, 0],
    ['team', 'open', 1, 0],
    ['team', 'public', 1, 0],
    ['public', 'open', 1, 0],
    ['open', 'public', 0, 1],
    ['open', 'team', 0, 1],
    ['team', 'restricted', 0, 3],
    ['open', 'restricted', 0, 4],
    ['restricted', 'team', 2, 1],
    ['restricted', 'open', 3, 1],
  ]
  for (const [from, to, gains, loses] of shifts)
    it(`from ${from} to ${to}: ${gains} gain, ${loses} lose`, () => {
      const shift = shiftOf(from, to)
      expect([shift.gains.length, shift.loses.length], JSON.stringify(shift)).to.deep.equal([gains, loses])
    })

  it('says what somebody could do before, when they gain more', () => {
    expect(shiftOf('public', 'open').gains).to.deep.equal([
      'Everybody else in the organization, and service accounts of other teams will read and write it, where they could only read.',
    ])
  })
})
