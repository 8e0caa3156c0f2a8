import { expect } from 'chai'
import { StorageUnavailable } from '../../../src/server/errors/refusal.ts'
import { turns, type Urgency } from '../../../src/server/storage/turns.ts'

const urgencyOf: Record<string, Urgency> = { u: 'urgent', o: 'ordinary' }

/** The order in which those get their turn who all come while the first is having theirs. */
async function served(came: readonly string[]): Promise<string[]> {
  const order = turns()
  const had: string[] = []
  const each = came.map(async (name) => {
    const done = await order.take(urgencyOf[name.charAt(0)])
    had.push(name)
    done()
  })
  await Promise.all(each)
  return had
}

describe('storage/turns', () => {
  const orders: [what: string, came: string, had: string][] = [
    ['the ordinary in the order in which they came', 'o1 o2 o3', 'o1 o2 o3'],
    ['the urgent in the order in which they came', 'u1 u2 u3', 'u1 u2 u3'],
    ['an urgent one next, however many wait', 'o1 o2 o3 o4 u1', 'o1 u1 o2 o3 o4'],
    ['an ordinary one next, however many urgent ones wait', 'u1 u2 u3 u4 o1', 'u1 o1 u2 u3 u4'],
    ['one of each in turn while both wait', 'o1 o2 o3 u1 u2 u3', 'o1 u1 o2 u2 o3 u3'],
    ['the rest when the others are through', 'u1 u2 u3 u4 o1 o2', 'u1 o1 u2 o2 u3 u4'],
  ]
  for (const [what, came, had] of orders) {
    it(`serves ${what}`, async () => {
      expect((await served(came.split(' '))).join(' ')).to.equal(had)
    })
  }

  it('begins anew when nobody has waited', async () => {
    const order = turns()
    for (const urgency of ['urgent', 'ordinary', 'urgent'] as const) (await order.take(urgency))()
  })

  it('ends a turn once, whoever ends it twice', async () => {
    const order = turns()
    const done = await order.take()
    const second = order.take()
    let third = false
    const last = order.take('ordinary').then((end) => {
      third = true
      end()
    })
    done()
    done()
    const end = await second
    expect(third).to.equal(false)
    end()
    await last
  })

  it('lets those go whose patience ends, and serves the next', async () => {
    const order = turns()
    const done = await order.take()
    const had: string[] = []
    const each = (name: string, patience?: number) =>
      order.take('ordinary', patience).then(
        (end) => {
          had.push(name)
          end()
        },
        (error: unknown) => void had.push(`${name}: ${error instanceof StorageUnavailable}`),
      )
    const all = [each('patient'), each('short', 1), each('longer', 60_000), each('short too', 2), each('last')]
    await Promise.all([all[1], all[3]])
    done()
    await Promise.all(all)
    expect(had).to.deep.equal(['short: true', 'short too: true', 'patient', 'longer', 'last'])
    ;(await order.take())()
  })
})
