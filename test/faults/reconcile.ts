/** What clients were told is held against what the trails say: every answer has its event, every event its answer. */
import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { expect } from 'chai'
import { verifyLanes, verifyTrails } from '../../src/server/audit/verify.ts'
import { openStorage } from '../../src/server/storage/open.ts'
import { call, type Service } from '../support/server.ts'
import type { Event } from '../support/world.ts'
import { type Counts, type Fleet, tally } from './support.ts'

type Chained = Event & { prev: string; hash: string; detail: { jti?: string; claims?: { jti?: string } } }

/** Of all that the fleet was asked, unless other counts are given; they then have to be of every exchange there was. */
export async function reconcile(fleet: Fleet, counts: Counts = fleet.counts, at = fleet.replicas[0] as Service) {
  const { world } = fleet
  const events = [
    ...(await trailOf(at, `${world.path}/audit-events`, world.adminKey)),
    ...(await trailOf(at, '/api/v1/audit-events', at.operatorKey)),
  ]
  const exchanges = events.filter(({ type }) => type === 'token.exchange')
  const grants = exchanges.filter(({ result }) => result === 'granted')
  const refusals = exchanges.filter(({ result }) => result === 'refused')
  const withdrawn = new Set(events.filter(({ type }) => type === 'token.withdraw').map(({ target }) => target?.id))

  const { asked, granted, refused, failed, slowest } = counts
  expect(granted.length + refused.length + failed.length, 'every exchange has one outcome').to.equal(asked)
  const times = timesOf(grants.map(({ detail }) => String(detail.jti)))
  const refusedTimes = timesOf(refusals.map(({ request_id }) => request_id))
  expect(
    granted.filter(({ jti }) => times.get(jti) !== 1 || withdrawn.has(jti)),
    'granted, but not once on record, or withdrawn',
  ).to.deep.equal([])
  // That an issuer cannot be reached is said when it is on record, as a refusal is.
  const unreached = failed.flatMap(({ requestId, kind }) =>
    requestId !== undefined && kind === '503 issuer_unavailable' ? { requestId } : [],
  )
  expect(
    [...refused, ...unreached].filter(({ requestId }) => refusedTimes.get(requestId) !== 1),
    'refused, but not once on record',
  ).to.deep.equal([])

  // What the client has no answer of may be on record, or not: but nothing else may. Who heard that it failed has no token.
  const answered = new Set([...granted.map(({ jti }) => jti), ...refused.map(({ requestId }) => requestId)])
  const failedIds = new Set(failed.flatMap(({ requestId }) => requestId ?? []))
  const lostSubjects = new Set(failed.flatMap(({ requestId, subject }) => (requestId ? [] : subject)))
  const explained = ({ request_id, detail }: Chained) =>
    failedIds.has(request_id) || lostSubjects.has(String(detail.claims?.jti))
  const unanswered = (answer: string, event: Chained) => !answered.has(answer) && !explained(event)
  const isStanding = ({ detail: { jti } }: Chained) => jti !== undefined && !withdrawn.has(jti)
  expect(
    grants.filter((event) => isStanding(event) && unanswered(String(event.detail.jti), event)),
    'on record as granted, but nobody has it',
  ).to.deep.equal([])
  expect(
    grants.filter((event) => isStanding(event) && failedIds.has(event.request_id)),
    'on record as granted, and not as withdrawn, though it was answered that it failed',
  ).to.deep.equal([])
  expect(
    refusals.filter((event) => unanswered(event.request_id, event)),
    'on record as refused, but nobody was',
  ).to.deep.equal([])

  await chainsHold(fleet.databaseUrl)
  return {
    asked,
    granted: granted.length,
    refused: tally(refused.map(({ reason }) => reason)),
    failed: tally(failed.map(({ kind }) => kind)),
    slowest: Math.round(slowest),
    events: events.length,
    grantedEvents: grants.length,
    refusedEvents: refusals.length,
    withdrawn: withdrawn.size,
  }
}

/** All of it, oldest first, with each hash as anybody would work it out from what is shown. */
async function trailOf(at: Service, path: string, secret: string): Promise<Chained[]> {
  const { status, body } = await call(at, 'GET', path, { secret, headers: { accept: 'application/x-ndjson' } })
  expect(status, JSON.stringify(body).slice(0, 300)).to.equal(200)
  const events = String(body.text)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Chained)
  let prev = '0'.repeat(64)
  for (const { hash, ...bare } of events) {
    if (bare.prev !== prev || sha256(String(canonicalize(bare))) !== hash)
      throw new Error(`the chain at ${path} breaks at ${JSON.stringify(bare)}`)
    prev = hash
  }
  return events
}

async function chainsHold(url: string): Promise<void> {
  const storage = await openStorage({ url, dataDir: '.', mustExist: true })
  try {
    const lanes = storage.sealing ? await verifyLanes(storage.sealing) : []
    const chains = [...(await verifyTrails(storage.reading.trail)), ...lanes]
    expect(chains.filter(({ brokenAt }) => brokenAt)).to.deep.equal([])
    expect(chains.length).to.be.at.least(2)
  } finally {
    await storage.close()
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

function timesOf(ids: readonly string[]): Map<string, number> {
  const times = new Map<string, number>()
  for (const id of ids) times.set(id, (times.get(id) ?? 0) + 1)
  return times
}
