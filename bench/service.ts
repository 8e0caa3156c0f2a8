/** Ours, with one organization: an issuer, an External account, and what introspection needs. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { call, type Service, startService } from '../test/support/server.ts'
import { audience, issuer, subject } from './assertions.ts'
import { type Populated, populate } from './population.ts'

export type Ours = Service & { pid: number; port: number; apiKey: string; serverKey: string }

export async function startOurs(jwk: object, env: Record<string, string>): Promise<Ours> {
  const service = await startService({ searched: false, env: { LOG_LEVEL: 'warn', ...env } })
  const made = async (path: string, json: object) => {
    const answer = await call(service, 'POST', `/api/v1${path}`, { secret: service.operatorKey, json })
    if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return String(answer.body.api_key)
  }
  await made('/orgs', { name: 'acme' })
  await made('/orgs/acme/teams', { name: 'ci' })
  await made('/orgs/acme/issuers', { name: 'ci', issuer, audiences: [audience], jwks: { keys: [jwk] } })
  const accounts = '/orgs/acme/teams/ci/service-accounts'
  await made(accounts, { name: 'deploy', method: 'federated', trust: { issuer: 'ci', subject } })
  const apiKey = await made(accounts, { name: 'builtin', method: 'api_key' })
  const serverKey = await made('/orgs/acme/resource-servers', { name: 'api', audience: 'https://api.bench.example' })
  return Object.assign(service, { ...placeOf(service), apiKey, serverKey })
}

export type Large = Service & { pid: number; port: number; organizations: Populated[] }

/** Ours, with so many service accounts. `at`: another checkout, built, to compare with. */
export async function startPopulated(
  accounts: number,
  jwk: object,
  env: Record<string, string>,
  at?: string,
): Promise<Large> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-bench-'))
  const organizations = await populate(dataDir, accounts, jwk)
  const service = await startService({
    searched: false,
    dataDir,
    env: { LOG_LEVEL: 'warn', ...env },
    ...(at === undefined ? {} : { at }),
  })
  return Object.assign(service, { ...placeOf(service), organizations })
}

function placeOf({ process: { pid }, url }: Service): { pid: number; port: number } {
  if (pid === undefined) throw new Error('the service did not start')
  return { pid, port: Number(new URL(url).port) }
}

/** Milliseconds from spawn to the ready line with an empty data folder: the quickest of three, as the code is cached. */
export async function readyTime(): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < 3; i++) {
    const at = performance.now()
    const service = await startService({ searched: false, env: { LOG_LEVEL: 'warn' } })
    times.push(performance.now() - at)
    await service.close()
  }
  return Math.min(...times)
}
