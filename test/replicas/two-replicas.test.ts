/** Two replicas on one PostgreSQL: what one changes, the other keeps to. Nothing but the database stands between them. */
import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import {
  generateKey,
  type Provider,
  type ProviderKey,
  signedToken,
  startProvider,
} from '../support/identity-provider.ts'
import { type Postgres, sharedPostgres } from '../support/postgres.ts'
import { installing } from '../support/program.ts'
import { type Answer, call, markedMasterKey, type Service, startService } from '../support/server.ts'
import { until } from '../support/stopwatch.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { createWorld, must, type World } from '../support/world.ts'

const publicUrl = 'http://sts.example'
/** ms. They look at the database every second; this is what is promised. */
const soon = 5_000

describe('two replicas on one database', () => {
  let postgres: Postgres
  let database: string
  let provider: Provider
  let a: Service
  let b: Service
  let here: World
  const env = () => ({
    DATABASE_URL: database,
    MASTER_KEY: markedMasterKey,
    PUBLIC_URL: publicUrl,
  })

  before(async function () {
    this.timeout(installing)
    postgres = await sharedPostgres()
    database = await postgres.create()
    provider = await startProvider()
    // At once: the schema and the first keys are made by one of them.
    ;[a, b] = await Promise.all([startService({ env: env() }), startService({ env: env() })])
    here = await createWorld(a, provider)
  })
  after(async () => {
    await Promise.all([a?.close(), b?.close(), provider?.close()])
  })

  const exchangeAt = async (service: Service, subject = here.subject) =>
    call(service, 'POST', '/oauth/token', {
      form: {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: await here.token({ sub: subject }),
      },
    })
  const tokenAt = async (service: Service, subject?: string) =>
    String((await must(exchangeAt(service, subject))).access_token)
  const activeAt = async (service: Service, token: string) =>
    (await must(call(service, 'POST', '/oauth/introspect', { form: { token }, secret: here.adminKey }))).active
  const inTime = (holds: () => Promise<boolean>) => until(holds, soon)
  const reasonOf = ({ body }: Answer) => body.reason

  it('have one key set, and read each other’s tokens', async () => {
    const keySet = async (service: Service) => (await call(service, 'GET', '/oauth/jwks')).body
    expect(await keySet(b)).to.deep.equal(await keySet(a))
    const token = await tokenAt(b)
    expect(await activeAt(a, token)).to.equal(true)
    expect(await activeAt(b, token)).to.equal(true)
  })

  it('refuse a disabled account at the very next exchange, wherever that is', async () => {
    const account = await here.external('fickle', 'job-fickle')
    const before = await tokenAt(b, 'job-fickle')
    const set = (enabled: boolean) => here.api('PATCH', `${here.accounts}/${account.id}`, { enabled })
    await must(set(false))
    expect(reasonOf(await exchangeAt(b, 'job-fickle'))).to.equal('no_account_matches')
    await must(set(true))
    const after = await tokenAt(b, 'job-fickle')
    await inTime(async () => !(await activeAt(b, before)))
    for (const service of [a, b]) {
      expect(await activeAt(service, before), 'enabling again does not revive').to.equal(false)
      expect(await activeAt(service, after), 'what was handed out afterwards').to.equal(true)
    }
  })

  it('honour a revocation of the other, and give at once what lives', async () => {
    const account = await here.external('revoked', 'job-revoked')
    const [one, two] = [await tokenAt(a, 'job-revoked'), await tokenAt(b, 'job-revoked')]
    await must(here.api('POST', `${here.accounts}/${account.id}/revoke`))
    const [next, other] = [await tokenAt(a, 'job-revoked'), await tokenAt(b, 'job-revoked')]
    await inTime(async () => !(await activeAt(b, one)) && !(await activeAt(b, two)))
    for (const service of [a, b])
      for (const [token, active] of [
        [one, false],
        [two, false],
        [next, true],
        [other, true],
      ] as const)
        expect(await activeAt(service, token)).to.equal(active)
  })

  it('hand out nothing under a withdrawn signing key', async () => {
    await tokenAt(b)
    await must(call(a, 'POST', '/api/v1/signing-keys/rotate', { secret: a.operatorKey, json: { emergency: true } }))
    expect(await activeAt(a, await tokenAt(b))).to.equal(true)
  })

  it('write one chain, and show at once what the other recorded', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => exchangeAt(i % 2 ? a : b)))
    const granted = await must(
      call(a, 'GET', `${here.path}/audit-events?type=token.exchange&result=granted&limit=200`, {
        secret: here.adminKey,
      }),
    )
    const jtis = new Set((granted.items as { detail: { jti: string } }[]).map(({ detail }) => detail.jti))
    for (const { body } of answers) {
      const claims = JSON.parse(Buffer.from(String(body.access_token).split('.')[1] ?? '', 'base64url').toString())
      expect(jtis.has(claims.jti)).to.equal(true)
    }
    const lines = await call(b, 'GET', `${here.path}/audit-events`, {
      secret: here.adminKey,
      headers: { accept: 'application/x-ndjson' },
    })
    let prev = '0'.repeat(64)
    for (const line of String(lines.body.text).trim().split('\n')) {
      const event = JSON.parse(line) as { prev: string; hash: string }
      expect(event.prev).to.equal(prev)
      prev = event.hash
    }
  })

  it('let one of many who show a single-use token have it', async () => {
    const made = await here.make('/issuers', {
      name: 'once',
      issuer: provider.issuer,
      audiences: ['once'],
      single_use: true,
    })
    await here.make(here.accounts, {
      name: 'single',
      method: 'federated',
      trust: { issuer: made.id, subject: 'job-once' },
    })
    for (let round = 0; round < 5; round++) {
      const assertion = await provider.token({ aud: 'once', sub: 'job-once', jti: randomUUID() })
      const tries = Array.from({ length: 40 }, (_, i) =>
        call(i % 2 ? a : b, 'POST', '/oauth/token', {
          form: { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion },
        }),
      )
      const answers = await Promise.all(tries)
      expect(answers.filter(({ status }) => status === 200)).to.have.length(1)
      expect(answers.filter((answer) => reasonOf(answer) === 'token_replayed')).to.have.length(39)
    }
  })

  it('think a refusal over that the other has just made outdated', async () => {
    const [key, next] = [generateKey('RS256'), generateKey('RS256')]
    // Of the same name: an admin mends a mistake.
    const keySet = ({ jwk }: ProviderKey) => ({ keys: [{ ...jwk, kid: key.kid }] })
    const iss = 'https://mended.example'
    const made = await here.make('/issuers', {
      name: 'mended',
      issuer: iss,
      audiences: ['mended'],
      jwks: keySet(key),
      clock_tolerance: 0,
      max_token_age: 60,
      single_use: true,
    })
    await here.make(here.accounts, { name: 'm', method: 'federated', trust: { issuer: made.id, subject: 'job-m' } })
    const seconds = (from: number) => Math.floor(Date.now() / 1000) + from
    const token = (from: number, to: number, { privateKey } = key) =>
      signedToken(
        { alg: 'RS256', kid: key.kid },
        { iss, aud: 'mended', sub: 'job-m', jti: randomUUID(), iat: seconds(from), exp: seconds(to) },
        privateKey,
      )
    const used = token(0, 30)
    const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
    const askB = async (assertion: string) => {
      const answer = await call(b, 'POST', '/oauth/token', { form: { grant_type, assertion } })
      return answer.status === 200 ? 'granted' : reasonOf(answer)
    }
    expect(await askB(used)).to.equal('granted')
    for (const [reason, assertion, change] of [
      ['token_replayed', used, { single_use: false }],
      ['token_too_old', token(-80, 30), { max_token_age: 3_600 }],
      ['token_expired', token(-80, -20), { clock_tolerance: 300 }],
      ['signature_invalid', token(0, 30, next), { jwks: keySet(next) }],
    ] as const) {
      expect(await askB(assertion)).to.equal(reason)
      await must(here.api('PATCH', `/issuers/${made.id}`, change))
      expect(await askB(assertion), reason).to.equal('granted')
    }
  })

  describe('one of them cut off from the database while something changes', () => {
    let network: TcpProxy
    let c: Service
    before(async () => {
      network = await startTcpProxy(postgres.port)
      const through = new URL(database)
      through.port = String(network.port)
      c = await startService({ env: { ...env(), DATABASE_URL: through.href } })
    })
    after(async () => {
      await c?.close()
      await network?.close()
    })

    /** What C answers to an exchange that it had decided, and could not record, before the other did the deed. */
    async function decidedBefore(subject: string, deed: () => Promise<unknown>): Promise<Answer> {
      // So that it knows all that it needs.
      await must(exchangeAt(c, subject))
      network.blackHole()
      const answer = exchangeAt(c, subject)
      await new Promise((resolve) => setTimeout(resolve, 300))
      await deed()
      network.pass()
      return answer
    }
    const eventsOf = async (requestId: unknown) =>
      (await here.auditOf(requestId)).map(({ type, result, reason }) => [type, result, reason])

    it('hands out nothing for an account that was disabled, and says on record what became of the token', async () => {
      const account = await here.external('cut', 'job-cut')
      const answer = await decidedBefore('job-cut', () =>
        must(here.api('PATCH', `${here.accounts}/${account.id}`, { enabled: false })),
      )
      expect([answer.status, reasonOf(answer)]).to.deep.equal([400, 'no_account_matches'])
      expect(await eventsOf(answer.body.request_id)).to.deep.equal([
        ['token.exchange', 'refused', 'no_account_matches'],
        ['token.withdraw', 'done', undefined],
        ['token.exchange', 'granted', undefined],
      ])
    })

    it('gives a token that lives when everything before it was revoked', async () => {
      const account = await here.external('cut-too', 'job-cut-too')
      const answer = await decidedBefore('job-cut-too', () =>
        must(here.api('POST', `${here.accounts}/${account.id}/revoke`)),
      )
      for (const service of [a, b, c]) expect(await activeAt(service, String(answer.body.access_token))).to.equal(true)
    })

    it('says on record that it handed nothing out when it could not hear whether its record was written', async () => {
      const granted = async () => {
        const { items } = await must(here.api('GET', '/audit-events?result=granted&limit=200'))
        return (items as unknown[]).length
      }
      await must(exchangeAt(c))
      const before = await granted()
      network.slow(60_000)
      const answering = exchangeAt(c)
      await inTime(async () => (await granted()) > before)
      network.reset()
      const answer = await answering
      network.pass()
      expect([answer.status, reasonOf(answer)]).to.deep.equal([503, 'storage_unavailable'])
      await inTime(async () => (await exchangeAt(c)).status === 200)
      expect(await eventsOf(answer.body.request_id)).to.have.deep.members([
        ['token.exchange', 'granted', undefined],
        ['token.withdraw', 'done', undefined],
        ['token.exchange', 'refused', 'storage_unavailable'],
      ])
    })

    it('ends what the others hand out while its deed is on the way', async () => {
      const account = await here.external('slow', 'job-slow')
      await must(exchangeAt(b, 'job-slow'))
      network.slow(100)
      let done = false
      const deed = must(
        call(c, 'PATCH', `${here.path}${here.accounts}/${account.id}`, {
          secret: here.adminKey,
          json: { enabled: false },
        }),
      ).finally(() => {
        done = true
      })
      const tokens: string[] = []
      while (!done) {
        const { status, body } = await exchangeAt(b, 'job-slow')
        if (status === 200) tokens.push(String(body.access_token))
      }
      network.pass()
      await deed
      await must(here.api('PATCH', `${here.accounts}/${account.id}`, { enabled: true }))
      expect(tokens).to.not.have.length(0)
      // The first of them were minted before the deed began, the last while it was on the way.
      for (const service of [a, b, c]) await inTime(async () => !(await activeAt(service, tokens.at(-1) as string)))
      for (const token of tokens) expect(await activeAt(a, token)).to.equal(false)
    })

    it('signs nothing with a key that was withdrawn', async () => {
      const emergency = { secret: a.operatorKey, json: { emergency: true } }
      const answer = await decidedBefore(here.subject, () =>
        must(call(a, 'POST', '/api/v1/signing-keys/rotate', emergency)),
      )
      expect(await activeAt(a, String(answer.body.access_token))).to.equal(true)
    })

    it('records nothing twice that concerns another organization', async () => {
      const other = await createWorld(a, provider, { org: 'other', subject: 'job-other' })
      const answer = await decidedBefore(here.subject, () => other.make('/teams', { name: 'more' }))
      expect(answer.status).to.equal(200)
      const granted = await must(
        call(a, 'GET', `${here.path}/audit-events?type=token.withdraw`, { secret: here.adminKey }),
      )
      const { jti } = JSON.parse(
        Buffer.from(String(answer.body.access_token).split('.')[1] ?? '', 'base64url').toString(),
      )
      expect((granted.items as { target: { id: string } }[]).map(({ target }) => target.id)).to.not.include(jti)
    })
  })

  it('drop the keys of an issuer when the other was told to', async () => {
    const fresh = await startProvider()
    try {
      const issuer = await here.make('/issuers', { name: 'rotating', issuer: fresh.issuer, audiences: ['rotating'] })
      await here.make(here.accounts, {
        name: 'rotated',
        method: 'federated',
        trust: { issuer: issuer.id, subject: 'job-x' },
      })
      const ask = async (assertion: string) =>
        call(b, 'POST', '/oauth/token', {
          form: { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion },
        })
      const old = await fresh.token({ aud: 'rotating', sub: 'job-x' })
      expect((await ask(old)).status).to.equal(200)
      fresh.rotate()
      await must(here.api('POST', `/issuers/${issuer.id}/refresh`))
      await inTime(async () => reasonOf(await ask(old)) === 'key_not_found')
    } finally {
      await fresh.close()
    }
  })
})
