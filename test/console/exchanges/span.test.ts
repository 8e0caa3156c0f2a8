/** How far back one looks, and what the bars are called. */
import { expect } from 'chai'
import { ceilingOf, timesOf } from '../../../src/console/pages/exchanges/chart-words.ts'
import { type Asked, isPart, rangeOf } from '../../../src/console/pages/exchanges/span.ts'
import { lengthOf, timeRow } from '../../../src/console/pages/exchanges/words.ts'

const now = Date.parse('2026-03-10T12:00:00Z')
const [from, to] = ['2026-03-01T00:00:00.000Z', '2026-03-02T00:00:00.000Z']

describe('console/exchanges: the span', () => {
  const cases: [what: string, asked: Asked, from: string, to: string | undefined][] = [
    ['a day, where nothing is said', {}, '2026-03-09T12:00:00.000Z', undefined],
    ['an hour', { span: '1h' }, '2026-03-10T11:00:00.000Z', undefined],
    ['a day, where it is none that is known', { span: 'toString' }, '2026-03-09T12:00:00.000Z', undefined],
    ['a part', { span: '1h', from, to }, from, to],
    ['no part that ends before it begins', { from: to, to: from }, '2026-03-09T12:00:00.000Z', undefined],
    ['no part that is no time', { from: 'x', to }, '2026-03-09T12:00:00.000Z', undefined],
  ]
  for (const [what, asked, begin, end] of cases)
    it(`is ${what}`, () => {
      const range = rangeOf(asked, now)
      expect([range.from, range.to]).to.deep.equal([begin, end])
      expect(range.buckets).to.be.within(1, 200)
      expect(isPart(asked)).to.equal(end !== undefined)
    })

  for (const [most, top] of [
    [0, 1],
    [3, 3],
    [6, 10],
    [11, 20],
    [21, 50],
    [99, 100],
    [100, 100],
    [101, 200],
  ] as const)
    it(`has a chart of ${most} end at ${top}`, () => expect(ceilingOf(most)).to.equal(top))

  it('says when a bar begins and ends', () => {
    expect(timesOf('2026-03-10T10:00:00Z', 1800, 'UTC')).to.equal('Mar 10, 10:00 to 10:30')
    expect(timesOf('2026-03-10T12:00:00Z', 43_200, 'UTC')).to.equal('Mar 10, 12:00 to Mar 11, 00:00')
  })
})

describe('console/exchanges: times of a token', () => {
  const cases: [name: string, value: unknown, row: ReturnType<typeof timeRow>][] = [
    ['exp', 1_700_000_000, { name: 'Expires (exp)', at: '2023-11-14T22:13:20.000Z', text: '1700000000' }],
    ['exp', '1700000000', { name: 'Expires (exp)', text: '"1700000000"' }],
    ['exp', 1e300, { name: 'Expires (exp)', text: '1e+300' }],
    ['max_token_age', 86_400, { name: 'Oldest or longest-lived token', text: '1 day' }],
    ['toString', 1, { name: 'toString', text: '1' }],
  ]
  for (const [name, value, row] of cases)
    it(`are shown: ${name} ${JSON.stringify(value)}`, () => expect(timeRow(name, value)).to.deep.equal(row))

  for (const [seconds, said] of [
    [0, '0 seconds'],
    [1, '1 second'],
    [60, '1 minute'],
    [90, '90 seconds'],
    [7200, '2 hours'],
  ] as const)
    it(`last: ${said}`, () => expect(lengthOf(seconds)).to.equal(said))
})
