import { expect } from 'chai'
import { newLoginCode, readLoginCode } from '../../../src/server/accounts/login-code.ts'

describe('accounts/login-code', () => {
  it('takes each letter as it is picked, out of twenty', () => {
    const picks = [0, 19, 1, 18, 2, 17, 3, 16]
    const asked: number[] = []
    const pick = (n: number) => {
      asked.push(n)
      return picks[asked.length - 1] as number
    }
    expect(newLoginCode(pick)).to.equal('BZCX-DWFV')
    expect(asked).to.deep.equal(Array(8).fill(20))
  })

  for (const typed of ['BZCX-DWFV', 'bzcxdwfv', ' bzcx dwfv ', 'BZ-CX-DW-FV', 'bzcx–dwfv', 'b\tz\ncxdwfv'])
    it(`reads ${JSON.stringify(typed)}`, () => {
      expect(readLoginCode(typed)).to.equal('BZCX-DWFV')
    })

  for (const typed of [
    '',
    'BZCX-DWF',
    'BZCX-DWFVB',
    'AZCX-DWFV',
    'BZCX_DWFV',
    '1ZCX-DWFV',
    `${' '.repeat(60)}BZCXDWFV`,
  ])
    it(`does not read ${JSON.stringify(typed)}`, () => {
      expect(readLoginCode(typed)).to.equal(undefined)
    })
})
