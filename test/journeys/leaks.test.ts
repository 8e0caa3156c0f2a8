/**
 * Keys and tokens put wherever a caller can put text: none of them comes back, or is kept, in plain form. What every other
 * journey leaves behind is searched as its service is closed (support/server.ts); here all of it is asked for.
 */
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Readable } from 'node:stream'
import { expect } from 'chai'
import { Redis } from 'ioredis'
import pg from 'pg'
import { grantTypes } from '../../src/protocol/oauth.ts'
import { formatApiKey } from '../../src/server/accounts/api-key.ts'
import { type Collector, startCollector } from '../support/collector.ts'
import { countersign } from '../support/command.ts'
import { freePort } from '../support/free-port.ts'
import { type Provider, signedToken, startProvider } from '../support/identity-provider.ts'
import { searchPlaces } from '../support/leak-places.ts'
import { leaks } from '../support/leaks.ts'
import { sharedPostgres } from '../support/postgres.ts'
import { installing } from '../support/program.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { scrape } from '../support/scraped.ts'
import { type Answer, call, markedMasterKey, type Service, startService } from '../support/server.ts'
import { until } from '../support/stopwatch.ts'
import { askFor, createWorld, must, subjectGrants, type World } from '../support/world.ts'

type Env = Record<string, string>
type Put = (secret: string) => Promise<unknown>

const redisPassword = 'password-of-redis-Vd6mN2yHs8KqXw'
const unreachable = 'http://127.0.0.1:9'

const places: [name: string, isShared: boolean][] = [
  ['the embedded database', false],
  ['PostgreSQL and Redis', true],
]

for (const [name, isShared] of places)
  describe(`journey: secrets in the wrong place, on ${name}`, () => {
    let collector: Collector
    let provider: Provider
    let redis: RedisServer | undefined
    let service: Service
    let world: World
    let env: Env
    let metricsPort: number
    let secrets: [what: string, secret: string][]
    const folders: string[] = []

    before(async function () {
      this.timeout(installing)
      collector = await startCollector()
      provider = await startProvider({ alg: 'ES256' })
      redis = isShared ? await startRedis(['--requirepass', redisPassword]) : undefined
      metricsPort = await freePort()
      env = {
        LOG_LEVEL: 'trace',
        LIMIT_FAILED_PER_MINUTE: '0',
        TRUST_PROXY: '127.0.0.0/8',
        METRICS_PORT: `${metricsPort}`,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        MASTER_KEY: markedMasterKey,
        DATABASE_URL: isShared ? await (await sharedPostgres()).create() : 'sqlite:',
        ...(redis ? { REDIS_URL: redis.url.replace('//', `//:${redisPassword}@`) } : {}),
      }
      service = await startService({ env })
      world = await createWorld(service, provider)
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      secrets = [
        ['an API key', world.apiKey],
        ['an API key, percent-encoded', world.apiKey.replace('_', '%5F')],
        ['an access token', await world.granted(world.token())],
        ['a subject token', world.token()],
        ['a private key', String(privateKey.export({ format: 'pem', type: 'pkcs8' }))],
      ]
    })
    after(async () => {
      await service?.close()
      for (const folder of folders) rmSync(folder, { recursive: true })
      await Promise.all([collector?.close(), provider?.close(), redis?.stop()])
    })

    /** Each secret in each place, whatever is answered; `call` looks at the answers. */
    const everywhere = (puts: Record<string, Put>) => {
      for (const [where, put] of Object.entries(puts))
        it(where, async () => {
          for (const [, secret] of secrets) await put(secret)
        })
    }
    const admin = (method: string, path: string, more: Parameters<typeof call>[3] = {}) =>
      call(service, method, world.path + path, { secret: world.adminKey, ...more })
    const token = (form: Env, headers: Env = {}) => call(service, 'POST', '/oauth/token', { form, headers })
    const inUrl = encodeURIComponent
    /** What a header can hold. */
    const inHeader = (secret: string) => secret.replaceAll('\n', ' ')
    const basic = (user: string, password: string) => ({
      authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
    })

    describe('in a request', () => {
      everywhere({
        'query strings': async (secret) => {
          const parameters = ['limit', 'cursor', 'q', 'from', 'actor', 'request_id', 'access_token', inUrl(secret)]
          for (const parameter of parameters) {
            await admin('GET', `/teams?${parameter}=${inUrl(secret)}`)
            await admin('GET', `/audit-events?${parameter}=${inUrl(secret)}`)
          }
          await call(service, 'POST', `/oauth/token?assertion=${inUrl(secret)}`, { form: { grant_type: 'x' } })
          await call(service, 'GET', `/access/v1/verify?${inUrl(secret)}=1`, { secret: world.apiKey })
          await call(service, 'GET', `/access/v1/verify?organization=${inUrl(secret)}`, { secret: world.apiKey })
          await call(service, 'GET', `/access/v1/verify?project=${inUrl(secret)}&action=${inUrl(secret)}`, {
            secret: world.apiKey,
          })
        },
        paths: async (secret) => {
          for (const path of ['', '/oauth/token', '/setup', '/docs', '/api/v1', '/api/v1/orgs', '/access/v1/verify'])
            await call(service, 'GET', `${path}/${inUrl(secret)}`, { secret: world.adminKey })
          for (const path of ['/teams', '/issuers', '/users', world.accounts, '/resource-servers'])
            for (const method of ['GET', 'DELETE', 'PATCH'])
              await admin(method, `${path}/${inUrl(secret)}`, method === 'PATCH' ? { json: {} } : {})
          await call(service, 'POST', `/setup/${inUrl(secret)}`, { form: {} })
          await call(service, 'GET', `/%E0%A4%A/${inUrl(secret)}`)
        },
        headers: async (secret) => {
          const value = inHeader(secret)
          const names = ['user-agent', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'traceparent']
          const others = ['tracestate', 'x-request-id', 'referer', 'origin', 'cookie', 'accept', 'if-match', 'baggage']
          for (const header of [...names, ...others, 'idempotency-key', 'dpop', 'x-countersign-demand-project']) {
            await token(askFor('jwtBearer', world.token({ sub: 'nobody' })), { [header]: value })
            await admin('POST', '/teams', { json: { name: 'ml' }, headers: { [header]: value } })
            await admin('PATCH', '/teams/ml', { json: { display_name: randomUUID() }, headers: { [header]: value } })
            await call(service, 'GET', '/api/v1/me', { headers: { [header]: value } })
          }
          await admin('GET', '', { headers: { 'user-agent': `job/1 (Bearer ${value}; b)` } })
          await token({ grant_type: 'x' }, { 'user-agent': `job/1 (Bearer ${value}; b)` })
          await token({ grant_type: 'x' }, { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01-${value}` })
        },
        'what a body is said to be': async (secret) => {
          const value = inHeader(secret)
          for (const headers of [
            { 'content-type': value },
            { 'content-type': `application/json; charset="${value}"` },
            { 'content-type': 'application/json', 'content-encoding': value },
          ]) {
            await call(service, 'POST', '/oauth/token', { text: '{}', headers })
            await admin('POST', '/teams', { text: '{}', headers })
          }
        },
        credentials: async (secret) => {
          const value = inHeader(secret)
          const [at, path] = ['GET', '/api/v1/me'] as const
          for (const headers of [
            basic(secret, 'wrong'),
            basic('api', `${secret}x`),
            basic(secret, ''),
            { authorization: `Basic ${value}` },
            { authorization: `Bearer ${value}x` },
            { authorization: `DPoP ${value}` },
            { authorization: value },
          ]) {
            await call(service, at, path, { headers })
            await token({ grant_type: grantTypes.clientCredentials }, headers)
            await call(service, 'POST', '/oauth/introspect', { form: { token: `${secret}x` }, headers })
            await call(service, 'GET', '/access/v1/verify', { headers })
            await call(service, 'GET', '/oauth/userinfo', { headers })
          }
          await call(service, 'POST', '/oauth/revoke', { form: { token: `${secret}x` } })
          await call(service, 'POST', '/oauth/introspect', { form: { token: `${secret}x` }, secret: world.adminKey })
        },
        'the parameters of an exchange': async (secret) => {
          const names = ['scope', 'service_account', 'audience', 'resource', 'requested_token_ttl', 'options']
          const others = ['subject_token_type', 'requested_token_type', 'actor_token', 'client_id', 'client_secret']
          const asserted = ['client_assertion', 'client_assertion_type']
          for (const grant of subjectGrants)
            for (const parameter of [
              ...names,
              ...others,
              ...asserted,
              'grant_type',
              'subject_token',
              'assertion',
              secret,
            ])
              await token({ ...askFor(grant, world.token({ sub: 'nobody' })), [parameter]: secret })
          for (const parameter of ['scope', 'audience', 'resource', 'requested_token_ttl'])
            await token({ grant_type: grantTypes.clientCredentials, client_secret: world.apiKey, [parameter]: secret })
          await token({ grant_type: grantTypes.clientCredentials, client_secret: `${secret}x` })
          await token({ grant_type: grantTypes.clientCredentials, client_secret: secret }, basic('api', world.apiKey))
          const form = { 'content-type': 'application/x-www-form-urlencoded' }
          const text = `${inUrl(secret)}=1&${inUrl(secret)}=2`
          await call(service, 'POST', '/oauth/token', { text, headers: form })
        },
        'bodies that are no JSON, or not what is wanted': async (secret) => {
          const json = { 'content-type': 'application/json' }
          const quoted = JSON.stringify(secret)
          const texts = [
            `{"a": ${quoted}`,
            quoted,
            `[${quoted}]`,
            `{${quoted}: 1, ${quoted}: 2}`,
            secret,
            `{"a":${secret}}`,
          ]
          for (const text of texts) {
            await call(service, 'POST', '/oauth/token', { text, headers: json })
            await admin('POST', '/teams', { text, headers: json })
            await call(service, 'POST', '/access/v1/evaluation', { secret: world.adminKey, text, headers: json })
          }
          for (const path of ['/teams', '/users', '/issuers', '/resource-servers', world.accounts, '/service-accounts'])
            for (const body of [{ [secret]: 1 }, { name: secret }, { name: { [secret]: secret } }, { name: [secret] }])
              await admin('POST', path, { json: body })
          await admin('POST', '/users', { json: { username: 'eve', email: secret, role: secret } })
          await admin('POST', world.accounts, {
            json: { name: 'x', method: secret, access: secret, token_ttl: secret },
          })
        },
        'a report of what was published': async (secret) => {
          const headers = {
            'content-type': 'application/json',
            'github-public-key-identifier': inHeader(secret),
            'github-public-key-signature': inHeader(secret),
          }
          const json = [{ token: `${secret}x`, type: secret, url: `https://x.example/${secret}`, source: secret }]
          await call(service, 'POST', '/api/v1/secret-scanning', { json, headers })
          await call(service, 'POST', '/api/v1/secret-scanning', { json })
        },
        'access evaluation': async (secret) => {
          const { api_key } = await world.make('/resource-servers', {
            name: `rs-${randomUUID()}`,
            audience: `https://${randomUUID()}.example`,
          })
          const asked = { subject: { type: 'token', id: world.apiKey }, action: { name: 'read' } }
          const resource = { type: 'project', id: 'ml/x' }
          for (const json of [
            { ...asked, resource, subject: { type: 'token', id: `${secret}x` } },
            { ...asked, resource, subject: { type: secret, id: secret } },
            { ...asked, resource, action: { name: secret } },
            { ...asked, resource: { type: secret, id: secret } },
            { ...asked, resource: { type: 'project', id: secret } },
            { ...asked, resource, context: { attribution: { username: secret, email: secret } } },
            { ...asked, resource, [secret]: secret },
          ])
            await call(service, 'POST', '/access/v1/evaluation', { secret: String(api_key), json })
        },
      })
    })

    describe('in a subject token', () => {
      everywhere({
        'its header': async (secret) => {
          for (const grant of subjectGrants)
            for (const header of ['kid', 'jku', 'x5u', 'cty', 'alg', 'typ', 'crit', secret])
              await world.post(askFor(grant, world.token({}, { header: { [header]: secret } })))
        },
        'its claims': async (secret) => {
          for (const grant of subjectGrants) {
            for (const claim of ['iss', 'sub', 'aud', 'jti', 'email', 'note', secret])
              await world.post(askFor(grant, world.token({ sub: 'nobody', [claim]: secret })))
            await world.post(askFor(grant, world.token({ sub: 'nobody', aud: [world.audience, secret] })))
            await world.post(askFor(grant, world.token({ sub: `repo:${secret}`, deep: { list: [secret] } })))
            await world.post(askFor(grant, world.token({ sub: 'nobody', aud: `${world.audience}/${secret}` })))
          }
        },
      })

      it('refused for each reason of its own, by each grant', async () => {
        const now = Math.floor(Date.now() / 1000)
        const other = signedToken(
          { alg: 'ES256', kid: provider.key().kid },
          {},
          generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
        )
        const tokens = [
          other,
          world.token({ exp: now - 1000, iat: now - 2000 }),
          world.token({ nbf: now + 1000 }),
          world.token({ iat: now + 1000, exp: now + 2000 }),
          world.token({ exp: undefined }),
          world.token({ iat: undefined }),
          world.token({ iss: unreachable }),
          world.token({}, { header: { alg: 'HS256' } }),
          world.token({}, { header: { crit: ['x'] } }),
          world.token({}, { kid: 'unknown' }),
          `${world.token().slice(0, -6)}AAAAAA`,
          `${world.token()}.`,
          ` ${world.token()}=`,
          world.token({ note: 'x'.repeat(20_000) }),
        ]
        for (const grant of subjectGrants)
          for (const each of tokens) expect((await world.post(askFor(grant, each))).status).to.equal(400)
      })
    })

    describe('in what an admin sets', () => {
      it('a key in a description: whoever wrote it has it, the trail does not', async () => {
        // Theirs to choose: it is shown, and kept, as it is. This one opens nothing.
        const lookalike = `csk_${'a1B2'.repeat(12)}x`
        const made = await world.make(world.accounts, { name: 'note', method: 'api_key', description: lookalike })
        expect(made.description).to.equal(lookalike)
        await must(admin('PATCH', `${world.accounts}/note`, { json: { description: `see ${lookalike}.` } }))
        const events = (await must(admin('GET', `/audit-events?target=${made.id}`))).items
        expect(events).to.have.length(2)
        expect(JSON.stringify(events)).to.contain('"see [redacted]."')
        expect(JSON.stringify(events)).to.not.contain(lookalike)
      })

      everywhere({
        'an issuer': async (secret) => {
          const issuer = { name: `i-${randomUUID()}`, issuer: `${unreachable}/${inUrl(secret)}` }
          await admin('POST', '/issuers?verify=require', { json: issuer })
          const withUser = `https://ours:${inUrl(secret)}@idp.example`
          await admin('POST', '/issuers', { json: { ...issuer, issuer: withUser } })
          await admin('POST', '/issuers', { json: { ...issuer, issuer: unreachable, jwks_uri: withUser } })
          await admin('POST', '/issuers', { json: { ...issuer, issuer: `https://x.example/?k=${inUrl(secret)}` } })
        },
      })

      it('a private or a symmetric key, given for a public one', async () => {
        const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
        const jwk = privateKey.export({ format: 'jwk' })
        leaks.learnPrivateKey(privateKey.export({ format: 'der', type: 'pkcs8' }))
        const k = Buffer.from('a-symmetric-key-Zt5bQm9wXk3VrY7d').toString('base64url')
        leaks.learn('a chosen secret', k)
        for (const key of [jwk, { ...jwk, kid: 'k', alg: 'ES256' }, { kty: 'oct', k, kid: 'k' }]) {
          const json = { name: 'uploaded', issuer: 'https://uploaded.example', jwks: { keys: [key] } }
          expect((await admin('POST', '/issuers', { json })).status).to.equal(422)
        }
      })

      it('an answer that is kept for its Idempotency-Key: sealed, and opened for who asks again', async () => {
        const idempotent = { headers: { 'idempotency-key': randomUUID() }, json: { name: 'kept' } }
        const at = `${world.accounts}/robot/keys`
        const first = await must(admin('POST', at, idempotent))
        expect((await must(admin('POST', at, idempotent))).secret).to.equal(first.secret)
        expect(await rows('select sealed from idempotency_keys')).to.not.have.length(0)
        if (!redis) return
        const asked = new Redis(String(env.REDIS_URL))
        await until(
          async () => (await asked.keys('countersign:answer:*')).length > 0,
          5_000,
          'no answer is kept in Redis',
        )
        asked.disconnect()
      })
    })

    describe('and then', () => {
      it('an error of the database that quotes what it was given: not in the log', async () => {
        const lookalike = `csk_${'c3D4'.repeat(12)}x`
        const quoting = isShared
          ? `create function quote() returns trigger language plpgsql as
               $$ begin raise exception 'no room for %', new.display_name; end $$;
             create trigger quote before insert on teams for each row execute function quote()`
          : `create trigger quote before insert on teams begin select raise(abort, 'no room for ' || new.display_name); end`
        await change(quoting)
        const answer = await admin('POST', '/teams', { json: { name: 'x', display_name: `a ${lookalike}` } })
        expect(answer.status).to.be.oneOf([500, 503])
        await change(isShared ? 'drop function quote cascade' : 'drop trigger quote')
        const line = JSON.stringify(await logged(answer))
        expect(line).to.contain('no room for a [redacted]')
        expect(line).to.not.contain(lookalike)
      })

      it('an error of ours says nothing of the request that it met', async () => {
        await change('alter table projects rename to projects_gone')
        const answers: Answer[] = []
        for (const [, secret] of secrets)
          for (const path of ['/teams/ml/projects', `/teams/ml/projects?cursor=${inUrl(secret)}`])
            for (const method of ['GET', 'POST'])
              answers.push(
                await admin(method, path, {
                  headers: { 'user-agent': inHeader(secret), 'idempotency-key': inHeader(secret).slice(0, 200) },
                  ...(method === 'POST' ? { json: { name: 'x', visibility: 'team' } } : {}),
                }),
              )
        await change('alter table projects_gone rename to projects')
        const mistakes = answers.filter(({ status }) => status === 500)
        expect(mistakes.length).to.be.greaterThan(secrets.length)
        for (const mistake of mistakes) expect((await logged(mistake)).msg).to.contain('a bug')
      })

      it('the metrics name nobody', async () => {
        expect(await scrape(metricsPort)).to.not.have.length(0)
      })

      it('the trail, as who may read it gets it', async () => {
        const trail = await admin('GET', '/audit-events', { headers: { accept: 'application/x-ndjson' } })
        const own = await call(service, 'GET', '/api/v1/audit-events', {
          secret: service.operatorKey,
          headers: { accept: 'application/x-ndjson' },
        })
        for (const { body } of [trail, own]) expect(String(body.text).split('\n').length).to.be.greaterThan(50)
        expect(String(trail.body.text)).to.contain('[redacted]')
      })

      it('a collector got traces, and nothing else', async () => {
        await collector.until((spans) => (spans.length > 100 ? spans : undefined))
        leaks.refuse('traces', ...collector.bodies)
      })

      if (!isShared)
        it('a backup', async () => {
          const folder = mkdtempSync(join(tmpdir(), 'countersign-backup-'))
          folders.push(folder)
          const file = join(folder, 'countersign.backup')
          const said = await countersign(['backup', file], { DATA_DIR: service.dataDir, MASTER_KEY: markedMasterKey })
          expect(said.code, said.stderr).to.equal(0)
          const data = readFileSync(file)
          expect(data.includes('token.exchange')).to.equal(true)
          leaks.refuse('the backup', data, said.stdout, said.stderr)
        })

      it('what is left after SIGKILL under load', async () => {
        const asking = Array.from({ length: 20 }, () =>
          world.exchange(world.token({ jti: randomUUID() })).catch(() => {}),
        )
        await asking[0]
        await service.kill()
        await Promise.all(asking)
        await nothingKept()
      })

      it('and after it has started again, and ended', async () => {
        service = await startService({ env, dataDir: service.dataDir })
        world = { ...world, service }
        await must(call(service, 'GET', '/api/v1/me', { secret: world.adminKey }))
        expect(await service.stop()).to.equal(0)
        await nothingKept()
      })
    })

    /** The line of the log that is about this answer, which may come after it. */
    async function logged({ body }: Answer): Promise<Record<string, unknown>> {
      for (;;) {
        const line = service.lines.find(({ request_id }) => request_id === body.request_id)
        if (line) return line
        await once(service.process.stdout as Readable, 'data')
      }
    }

    /** And all places hold something. */
    async function nothingKept() {
      const searched = await searchPlaces(leaks, service.dataDir, env)
      expect(searched.leaks).to.deep.equal([])
      const { files, database, redis } = searched.bytes
      if (isShared) expect(Math.min(database, redis)).to.be.greaterThan(1000)
      else expect(files).to.be.greaterThan(100_000)
    }

    async function rows(sql: string): Promise<readonly unknown[]> {
      if (!isShared) {
        const db = new DatabaseSync(join(service.dataDir, 'countersign.db'))
        try {
          return db.prepare(sql).all()
        } finally {
          db.close()
        }
      }
      const client = new pg.Client(env.DATABASE_URL)
      await client.connect()
      try {
        return (await client.query(sql)).rows
      } finally {
        await client.end()
      }
    }
    const change = async (sql: string) => void (await rows(sql))
  })

describe('journey: a secret in the last words of a process', () => {
  it('an error that nobody caught ends it; what it quotes is not in the log', async () => {
    const key = formatApiKey(randomBytes(32))
    const fails = `process.on('SIGUSR2', () => { throw new Error('cannot read ${key}') })`
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(fails)}`, LOG_LEVEL: 'silent' }
    const service = await startService({ env })
    const ended = once(service.process, 'exit')
    service.process.kill('SIGUSR2')
    expect(await ended).to.deep.equal([1, null])
    await service.close()
    const last = service.lines.at(-1)
    expect(last).to.include({ level: 60, msg: 'a bug: nobody caught this error, and so the process ends' })
    expect(JSON.stringify(last)).to.contain('cannot read [redacted]')
  })

  it('a command that fails, too', async () => {
    const key = formatApiKey(randomBytes(32))
    const said = await countersign(['serve'], { DATABASE_URL: `sqlite:/dev/null/${key}`, PORT: '0', METRICS_PORT: '0' })
    expect(said.code).to.not.equal(0)
    expect(said.stderr).to.match(/^countersign: /)
    leaks.refuse('what it said', said.stdout, said.stderr)
  })
})
