/** Real events of a real service, whole and tampered with: what breaks the chain is named, and nothing else breaks it. */
import { expect } from 'chai'
import { canonical, type Json } from '../../../src/console/pages/audit/canonical.ts'
import { type Break, type Checked, checkChain, sha256 } from '../../../src/console/pages/audit/chain.ts'
import type { AuditEvent } from '../../../src/console/wire/shapes.ts'
import { canonical as asTheServer } from '../../../src/server/audit/canonical.ts'
import { call, type Service, startService } from '../../support/server.ts'

async function* each(lines: readonly string[]) {
  yield* lines
}

describe('console/pages/audit/chain', () => {
  let service: Service
  let lines: string[]
  before(async () => {
    service = await startService()
    const made = await call(service, 'POST', '/api/v1/orgs', {
      secret: service.operatorKey,
      json: {
        name: 'acme',
        display_name: '<img onerror> "ü" €\u2028 10',
        first_admin: { username: 'ada', email: 'ada@acme.example' },
      },
    })
    const secret = String(made.body.api_key)
    for (const name of ['one', 'two', 'three'])
      await call(service, 'POST', '/api/v1/orgs/acme/teams', { secret, json: { name, display_name: `𝄞 ${name}` } })
    const stream = await call(service, 'GET', '/api/v1/orgs/acme/audit-events', {
      secret,
      headers: { accept: 'application/x-ndjson' },
    })
    lines = String(stream.body.text).trim().split('\n')
  })
  after(() => service?.close())

  const check = (changed: readonly string[], kept?: string): Promise<Checked> =>
    checkChain(each(changed), { org: 'acme', ...(kept === undefined ? {} : { kept }) })
  const read = (at: number) => JSON.parse(lines[at] as string) as AuditEvent
  /** With this one's hash made to fit what it says now. */
  const anew = async ({ hash: _, ...bare }: AuditEvent) =>
    JSON.stringify({ ...bare, hash: await sha256(canonical(bare as unknown as Json)) })

  it('holds as the service gives it out, with its ends', async () => {
    const checked = await check(lines)
    expect(checked).to.deep.include({ events: lines.length, isPruned: false, holdsKept: false })
    expect(checked).to.not.have.property('broken')
    expect(checked.first?.id).to.equal(read(0).id)
    expect(checked.last?.hash).to.equal(read(lines.length - 1).hash)
  })

  it('knows whether it holds a hash that was kept', async () => {
    expect((await check(lines, read(2).hash)).holdsKept).to.equal(true)
    expect((await check(lines.slice(0, 2), read(2).hash)).holdsKept).to.equal(false)
  })

  const tampered: [what: string, tamper: () => string[] | Promise<string[]>, broken: Omit<Break, 'id' | 'time'>][] = [
    ['a changed event', () => lines.with(2, (lines[2] as string).replace('one', 'own')), { at: 3, why: 'changed' }],
    [
      'a changed hash',
      () => lines.with(2, JSON.stringify({ ...read(2), hash: '0'.repeat(64) })),
      { at: 3, why: 'changed' },
    ],
    ['what is no event', () => lines.with(2, 'x'), { at: 3, why: 'changed' }],
    [
      'an event written anew with its hash',
      async () => lines.with(2, await anew({ ...read(2), result: 'refused' })),
      { at: 4, why: 'removed' },
    ],
    ['a removed event', () => lines.toSpliced(2, 1), { at: 3, why: 'removed' }],
    ['a beginning that was cut off', () => lines.slice(1), { at: 1, why: 'beginning' }],
    [
      'two that changed places',
      () => lines.with(2, lines[3] as string).with(3, lines[2] as string),
      { at: 3, why: 'reordered' },
    ],
    [
      'one that was moved to the end',
      () => [...lines.toSpliced(2, 1), lines[2] as string],
      { at: 3, why: 'reordered' },
    ],
    [
      'the last one moved up',
      () => lines.slice(0, -1).toSpliced(1, 0, lines.at(-1) as string),
      { at: 2, why: 'reordered' },
    ],
    ['one that stands there twice', () => lines.toSpliced(3, 0, lines[1] as string), { at: 4, why: 'reordered' }],
  ]
  for (const [what, tamper, broken] of tampered)
    it(`finds ${what}`, async () => {
      const checked = await check(await tamper())
      expect(checked.broken).to.deep.include(broken)
      expect(checked.events).to.equal(broken.why === 'beginning' ? lines.length - 1 : broken.at - 1)
    })

  it('finds events of another organization', async () => {
    expect((await checkChain(each(lines), { org: 'other' })).broken).to.deep.include({
      at: 1,
      why: 'other_organization',
    })
  })

  it('takes it that old events are gone where one of the chain says so, and only then', async () => {
    const end = read(lines.length - 1)
    const prune = { ...end, type: 'trail.prune', actor: { type: 'system' }, prev: end.hash }
    const withIt = async (more: Partial<AuditEvent>) => [
      ...lines.slice(2),
      await anew({ ...prune, detail: { through_hash: read(1).hash }, ...more }),
    ]
    expect(await check(await withIt({}))).to.deep.include({ events: lines.length - 1, isPruned: true })
    expect((await check(await withIt({}))).broken).to.equal(undefined)
    for (const more of [{ detail: { through_hash: read(0).hash } }, { actor: { type: 'user' } }])
      expect((await check(await withIt(more))).broken).to.deep.include({ at: 1, why: 'beginning' })
  })

  it('says how far it has come', async () => {
    const seen: number[] = []
    await checkChain(each(lines), { org: 'acme', onProgress: ({ events }) => seen.push(events) })
    expect(seen).to.deep.equal([lines.length])
  })

  it('reads no further than the break that it can name', async () => {
    let asked = 0
    async function* counted() {
      for (const line of [...lines.with(0, 'x'), ...Array.from({ length: 1000 }, () => 'x')]) {
        asked++
        yield line
      }
    }
    await checkChain(counted(), { org: 'acme' })
    expect(asked).to.be.at.most(201)
  })

  for (const text of [
    '{"b":1,"a":[],"10":1,"9":{"z":null,"é":true}}',
    '[1e21,1e-7,0.1,-0,333333333.33333329,4.50,2e-3]',
    '{"\\u20ac":"\\u0001\\u000f\\n","\\ufb33":2,"\\ud83d\\ude00":3,"__proto__":4}',
  ])
    it(`writes ${text} as the server does`, () => {
      expect(canonical(JSON.parse(text))).to.equal(asTheServer(JSON.parse(text)))
    })
})
