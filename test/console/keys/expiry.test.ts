import { expect } from 'chai'
import { endOf, rotation, stateOf } from '../../../src/console/pages/keys/expiry.ts'

describe('console/pages/keys/expiry', () => {
  const now = Date.parse('2026-03-01T12:00:00Z')
  const key = { created_at: '2026-02-01T12:00:00.000Z', expires_at: '2026-03-08T12:00:00.000Z', replaced_by: null }

  it('is so many days from now, or never', () => {
    expect(endOf({ life: '90', date: '' }, now)).to.equal('2026-05-30T12:00:00.000Z')
    expect(endOf({ life: 'never', date: '2026-05-30' }, now)).to.equal(null)
  })

  it('is the end of the day that is named, where one is', () => {
    const end = endOf({ life: 'date', date: '2026-05-30' }, now)
    expect(new Date(end ?? '').getTime()).to.equal(new Date(2026, 4, 30, 23, 59, 59).getTime())
  })

  for (const date of ['', '2026-02-28', '2026-13-01', 'tomorrow'])
    it(`is none for '${date}'`, () => expect(endOf({ life: 'date', date }, now)).to.equal(undefined))

  it('knows a key that works, one that is replaced and one that is over', () => {
    expect(stateOf(key, now)).to.equal('active')
    expect(stateOf({ ...key, expires_at: null }, now)).to.equal('active')
    expect(stateOf({ ...key, replaced_by: 'key_1' }, now)).to.equal('replaced')
    expect(stateOf({ ...key, replaced_by: 'key_1' }, Date.parse('2026-03-08T12:00:00Z'))).to.equal('expired')
  })

  it('tells both ends of a rotation: the old one never lives longer by it, the new one as long as the old was made for', () => {
    expect(rotation(key, 3_600, now)).to.deep.equal({
      old: '2026-03-01T13:00:00.000Z',
      next: '2026-04-05T12:00:00.000Z',
    })
    expect(rotation(key, 30 * 86_400, now).old).to.equal(key.expires_at)
    expect(rotation({ ...key, expires_at: null }, 0, now)).to.deep.equal({
      old: '2026-03-01T12:00:00.000Z',
      next: null,
    })
  })
})
