/**
 * Lists of an organization of 100,000 service accounts and as many users: how long a page takes, what the service computes
 * for it, which a busy machine does not change much, and how long anybody else waits meanwhile: /livez is asked all the
 * time by another process, beside what it takes while nothing else is asked.
 *
 *   npm run bench:lists -- [--accounts 100000] [--times 40] [--postgres] [--check]
 *
 * --check: exits 1 when somebody else had to wait for more than 100 ms longer than while nothing was asked.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startPostgres } from '../test/support/postgres.ts'
import { call } from '../test/support/server.ts'
import { startLarge } from './organization.ts'
import { cpuOf } from './processes.ts'

const { values: options } = parseArgs({
  options: {
    accounts: { type: 'string', default: '100000' },
    times: { type: 'string', default: '40' },
    postgres: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
})
const [accounts, times] = [Number(options.accounts), Number(options.times)]
const postgres = options.postgres ? await startPostgres() : undefined
const service = await startLarge(accounts, postgres ? { database: await postgres.create() } : {})
const pid = Number(service.process.pid)
const pulse = fork(join(import.meta.dirname, 'pulse.ts'))
const say = (text: string): void => void process.stdout.write(`${text}\n`)

type Answer = { items: unknown[]; next_cursor: string | null }
async function ask(path: string): Promise<Answer> {
  const { status, body } = await call(service, 'GET', `/api/v1/orgs/large${path}`, { secret: service.adminKey })
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`)
  return body as Answer
}

/** While `work` runs. */
async function waited(work: () => Promise<void>): Promise<{ longest: number; p50: number }> {
  pulse.send({ url: `${service.url}/livez` })
  await work()
  pulse.send('stop')
  const [found] = await once(pulse, 'message')
  return found as { longest: number; p50: number }
}

const at = (sorted: readonly number[], part: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN

let worst = 0
async function measure(name: string, path: string | (() => Promise<string>), many = times): Promise<void> {
  if (!name.includes(options.only)) return
  const asked = typeof path === 'string' ? path : await path()
  const took: number[] = []
  let items = 0
  if (many > 1) await ask(asked)
  const cpu = cpuOf(pid)
  const { longest } = await waited(async () => {
    for (let i = 0; i < many; i++) {
      const began = performance.now()
      items = (await ask(asked)).items.length
      took.push(performance.now() - began)
    }
  })
  took.sort((a, b) => a - b)
  worst = Math.max(worst, longest)
  line(name, items, at(took, 0.5), at(took, 0.99), (cpuOf(pid) - cpu) / many, longest)
}
const line = (name: string, ...figures: (number | string)[]) =>
  say(
    `${name.padEnd(52)}${figures.map((one) => (typeof one === 'number' && !Number.isInteger(one) ? one.toFixed(1) : `${one}`).padStart(10)).join('')}`,
  )

/** The cursor so far down: as the service makes them, found by walking. */
async function deep(list: string, rows: number): Promise<string> {
  let cursor: string | null = null
  for (let seen = 0; seen < rows; seen += 200)
    cursor = (await ask(`${list}limit=200${cursor === null ? '' : `&cursor=${cursor}`}`)).next_cursor
  return `cursor=${cursor}`
}

try {
  line('', 'rows', 'p50 ms', 'p99 ms', 'CPU ms', 'others ms')
  const idle = await waited(() => new Promise((resolve) => setTimeout(resolve, 3_000)))
  line('nothing asked', '', '', '', '', idle.longest)
  const all = '/service-accounts?'
  const half = accounts / 2
  await measure('accounts: first page', all)
  await measure(`accounts: a page ${half} deep`, async () => all + (await deep(all, half)))
  await measure('accounts: q with many hits', `${all}q=deploy`)
  await measure('accounts: q with 20 hits', `${all}q=needle`)
  await measure('accounts: q with no hit', `${all}q=nothing-at-all`)
  await measure('accounts: scope=organization', `${all}scope=organization`)
  await measure('accounts: scope=team', `${all}scope=team`)
  await measure('accounts: scope=team, q with no hit', `${all}scope=team&q=nothing-at-all`)
  await measure('accounts: team', `${all}team=team-7`)
  await measure('accounts: method', `${all}method=federated`)
  await measure('accounts: a team with one External, method', `${all}team=team-0&method=federated`)
  await measure(
    'accounts: method, a page deep',
    async () => `${all}method=federated&${await deep(`${all}method=federated&`, half / 2)}`,
  )
  await measure('accounts of a team: first page', '/teams/team-0/service-accounts?')
  await measure('accounts of a team: q with no hit', '/teams/team-0/service-accounts?q=nothing-at-all')
  await measure('users: first page', '/users?')
  await measure(`users: a page ${half} deep`, async () => `/users?${await deep('/users?', half)}`)
  await measure('users: q with many hits', '/users?q=person')
  await measure('users: q with 20 hits', '/users?q=needle')
  await measure('users: q with no hit', '/users?q=nothing-at-all')
  await measure('teams', '/teams?')
  await measure('hygiene: the first time', '/hygiene?limit=50', 1)
  await measure('hygiene: once more', '/hygiene?limit=50', 10)
  if (options.check && worst > idle.longest + 100) process.exitCode = 1
} finally {
  pulse.disconnect()
  await service.close()
  await postgres?.close()
}
