/** Ours, with one organization: an issuer, an External account, and what introspection needs. */
import { call, type Service, startService } from '../test/support/server.ts'
import { audience, issuer, subject } from './assertions.ts'

export type Ours = Service & { pid: number; port: number; apiKey: string; serverKey: string }

export async function startOurs(jwk: object, env: Record<string, string>): Promise<Ours> {
  const service = await startService({ env: { LOG_LEVEL: 'warn', ...env } })
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
  const { pid } = service.process
  if (pid === undefined) throw new Error('the service did not start')
  return Object.assign(service, { pid, port: Number(new URL(service.url).port), apiKey, serverKey })
}

/** Milliseconds from spawn to the ready line with an empty data folder: the quickest of three, as the code is cached. */
export async function readyTime(): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < 3; i++) {
    const at = performance.now()
    const service = await startService({ env: { LOG_LEVEL: 'warn' } })
    times.push(performance.now() - at)
    await service.close()
  }
  return Math.min(...times)
}
