/** Under a clock that the test moves. */
import { expect } from 'chai'
import { createRemembered, type Remembered } from '../../src/verify/remembered.ts'

describe('verify/remembered', () => {
  let ms: number
  let asked: number
  beforeEach(() => {
    ms = 0
    asked = 0
  })
  const remembered = (goodFor = 1_000, most = 3): Remembered<number> =>
    createRemembered({ most, goodFor, elapsed: () => ms })
  const ask = async () => ({ value: ++asked, endsIn: Number.POSITIVE_INFINITY })
  /** A question whose answer is given later. */
  const slow = () => {
    const { promise, resolve, reject } = Promise.withResolvers<{ value: number; endsIn: number }>()
    const ask = () => {
      asked++
      return promise
    }
    return { ask, reject, give: (value: number, endsIn = Number.POSITIVE_INFINITY) => resolve({ value, endsIn }) }
  }

  it('keeps an answer until it is too old', async () => {
    const { get } = remembered()
    expect(await get('a', ask)).to.equal(1)
    ms = 999
    expect(await get('a', ask)).to.equal(1)
    expect(await get('b', ask)).to.equal(2)
    ms = 1_000
    expect(await get('a', ask)).to.equal(3)
  })

  it('counts from the question, not from the answer', async () => {
    const { get } = remembered()
    const first = slow()
    const answer = get('a', first.ask)
    ms = 900
    first.give(7)
    expect(await answer).to.equal(7)
    ms = 999
    expect(await get('a', ask)).to.equal(7)
    ms = 1_000
    expect(await get('a', ask)).to.equal(2)
  })

  it('lets those wait who come in time, and the others ask for themselves', async () => {
    const { get } = remembered()
    const first = slow()
    const second = slow()
    const early = [get('a', first.ask)]
    ms = 999
    early.push(get('a', ask))
    expect(asked).to.equal(1)
    ms = 1_000
    const late = [get('a', second.ask), get('a', ask)]
    expect(asked).to.equal(2)
    second.give(2)
    expect(await Promise.all(late)).to.deep.equal([2, 2])
    first.give(1)
    expect(await Promise.all(early)).to.deep.equal([1, 1])
    expect(await get('a', ask), 'an old answer takes no newer one’s place').to.equal(2)
  })

  it('an old question that ends does not end a newer one', async () => {
    const { get } = remembered()
    const [first, second] = [slow(), slow()]
    const early = get('a', first.ask)
    ms = 1_000
    const late = get('a', second.ask)
    first.give(1)
    await early
    const third = get('a', ask)
    expect(asked).to.equal(2)
    second.give(2)
    expect(await Promise.all([late, third])).to.deep.equal([2, 2])
  })

  it('forgets an answer when it stops being true by itself', async () => {
    const { get } = remembered(60_000)
    const first = slow()
    const answer = get('a', first.ask)
    first.give(1, 5_000)
    await answer
    ms = 4_999
    expect(await get('a', ask)).to.equal(1)
    ms = 5_000
    expect(await get('a', ask)).to.equal(2)
    const past = slow()
    const over = get('b', past.ask)
    past.give(9, -1)
    expect(await over).to.equal(9)
    expect(await get('b', ask)).to.equal(4)
  })

  it('with 0 asks every time, even for those who ask at once', async () => {
    const { get } = remembered(0)
    expect(await Promise.all([get('a', ask), get('a', ask)])).to.deep.equal([1, 2])
    expect(await get('a', ask)).to.equal(3)
  })

  it('never remembers a failure, which all get who wait for it', async () => {
    const { get } = remembered()
    const first = slow()
    const waiting = [get('a', first.ask), get('a', first.ask)]
    first.reject(new Error('away'))
    for (const each of await Promise.allSettled(waiting)) expect(each.status).to.equal('rejected')
    expect(asked).to.equal(1)
    expect(await get('a', ask)).to.equal(2)
  })

  it('keeps a bounded number: the oldest goes', async () => {
    const { get } = remembered()
    for (const key of ['a', 'b', 'c', 'd']) await get(key, ask)
    expect(await get('d', ask)).to.equal(4)
    expect(await get('a', ask)).to.equal(5)
  })
})
