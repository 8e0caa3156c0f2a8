/**
 * Whether the time that a bad API key is answered in tells what is wrong with it: unknown, expired, revoked, or of a
 * disabled account. Asked in turns, many times each; of two kinds, how often one is slower than the other (0.5: a coin).
 *
 *   npm run bench:keys -- [--check] [--count 10000]
 *
 * A key with a wrong checksum may be quicker: that it is wrong is no secret.
 */
import { randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { parseArgs } from 'node:util'
import { formatApiKey } from '../src/server/accounts/api-key.ts'
import { call, startService } from '../test/support/server.ts'
import { type Figure, median, show } from './table.ts'

const { values: options } = parseArgs({
  options: { check: { type: 'boolean', default: false }, count: { type: 'string', default: '10000' } },
})
const count = Number(options.count)

const service = await startService({ searched: false, env: { LOG_LEVEL: 'warn', LIMIT_FAILED_PER_MINUTE: '0' } })
const made = async (method: string, path: string, json?: object) => {
  const ask = { secret: service.operatorKey, ...(json === undefined ? {} : { json }) }
  const answer = await call(service, method, `/api/v1/orgs${path}`, ask)
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body
}
await made('POST', '', { name: 'acme' })
await made('POST', '/acme/teams', { name: 'ci' })
const accounts = '/acme/teams/ci/service-accounts'
const account = async (name: string) => String((await made('POST', accounts, { name, method: 'api_key' })).api_key)
const disabled = await account('disabled')
await account('living')
const newKey = async (more: object) => String((await made('POST', `${accounts}/living/keys`, more)).secret)
const expired = await newKey({ name: 'expired', expires_at: new Date(Date.now() + 1_500).toISOString() })
const revoked = await newKey({ name: 'revoked' })
await made('DELETE', `${accounts}/living/keys/revoked`)
await made('PATCH', `${accounts}/disabled`, { enabled: false })
await new Promise((resolve) => setTimeout(resolve, 2_000))

const unknown = formatApiKey(randomBytes(32))
const kinds: Record<string, string> = {
  unknown,
  'another unknown': formatApiKey(randomBytes(32)),
  expired,
  revoked,
  disabled,
  'wrong checksum': `${unknown.slice(0, -1)}${unknown.endsWith('0') ? '1' : '0'}`,
}
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
const timed = (secret: string) =>
  new Promise<number>((resolve, reject) => {
    const at = performance.now()
    const headers = { authorization: `Bearer ${secret}` }
    request(`${service.url}/api/v1/me`, { agent, headers }, (res) => {
      if (res.statusCode !== 401) reject(new Error(`${res.statusCode}`))
      res.resume().on('end', () => resolve(performance.now() - at))
    })
      .on('error', reject)
      .end()
  })

const names = Object.keys(kinds)
const times = new Map<string, number[]>(names.map((name) => [name, []]))
for (let i = -500; i < count; i++)
  // In another order each time: what comes after what must not matter.
  for (let k = 0; k < names.length; k++) {
    const name = names[(k * 5 + i + 500) % names.length] as string
    const took = await timed(kinds[name] as string)
    if (i >= 0) times.get(name)?.push(took)
  }
agent.destroy()
await service.close()

/** Mann-Whitney: how often one of `a` is slower than one of `b`. */
function slower(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((time) => ({ time, own: 1 })), ...b.map((time) => ({ time, own: 0 }))]
  all.sort((x, y) => x.time - y.time)
  let below = 0
  let wins = 0
  for (const { own } of all) {
    if (own === 1) wins += below
    else below++
  }
  return wins / (a.length * b.length)
}
const of = (name: string) => times.get(name) as number[]
const figures: Figure[] = names.slice(1).flatMap((name): Figure[] => {
  const figure = {
    name: `${name}, us; how often slower`,
    ceiling: median(of('unknown')) * 1000,
    ours: median(of(name)) * 1000,
    ratio: slower(of(name), of('unknown')),
  }
  // Three standard deviations of a coin thrown so often, and a little for a machine that is shared.
  const off = Math.round((3 * Math.sqrt(1 / (6 * count)) + 0.02) * 100) / 100
  return name === 'wrong checksum'
    ? [figure]
    : [
        { ...figure, least: 0.5 - off },
        { ...figure, name: `${name}, the other way`, most: 0.5 + off },
      ]
})
process.exitCode = show(figures, process.stdout, ['unknown', 'ours']) || !options.check ? 0 : 1
