/** The search for secrets finds one wherever it is put, in each spelling: so it is able to fail. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { appendFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { Redis } from 'ioredis'
import pg from 'pg'
import { digestOf, formatApiKey, hintOf } from '../../src/server/accounts/api-key.ts'
import { createSeal } from '../../src/server/tokens/seal.ts'
import { makeSigningKey } from '../../src/server/tokens/signing-key.ts'
import { startCollector } from './collector.ts'
import { generateKey, signedToken } from './identity-provider.ts'
import { searchPlaces } from './leak-places.ts'
import { createLeaks, type Kind, leaks } from './leaks.ts'
import { sharedPostgres } from './postgres.ts'
import { installing } from './program.ts'
import { startRedis } from './redis.ts'
import { scrape } from './scraped.ts'
import { call, startService } from './server.ts'
import { tempDir } from './temp-dir.ts'

const newKey = () => formatApiKey(randomBytes(32))
const providerKey = generateKey('ES256')
const newToken = () => signedToken({ alg: 'ES256' }, { sub: randomBytes(9).toString('hex') }, providerKey.privateKey)
const password = () => randomBytes(20).toString('hex')
const masterKey = () => randomBytes(32).toString('base64')

const secrets: [kind: Kind, secret: () => string][] = [
  ['an API key', newKey],
  ["the operator's key", () => `operator-${randomBytes(24).toString('base64url')}`],
  ['the secret of a set-up link', () => randomBytes(32).toString('base64url')],
  ['a subject token', newToken],
  ['an access token', newToken],
  ['a master key', masterKey],
  ['a password', password],
]
/** What of it opens the door. */
const telling = (secret: string) => secret.slice(secret.lastIndexOf('.') + 1)

const spellings: [name: string, spelled: (secret: string) => string | Buffer][] = [
  ['as it is', (secret) => secret],
  ['in the middle of a word', (secret) => `x${secret}x`],
  ['with its beginning cut off', (secret) => telling(secret).slice(9, 40)],
  ['with its end cut off', (secret) => telling(secret).slice(0, 28)],
  ['in hex', (secret) => Buffer.from(telling(secret)).toString('hex')],
  ['in capital hex', (secret) => Buffer.from(telling(secret)).toString('hex').toUpperCase()],
  ['as the value of a Basic header', (secret) => Buffer.from(`api:${secret}`).toString('base64')],
  ...['', 'a', 'ab'].map((before): [string, (secret: string) => string] => [
    `in base64url behind ${before.length} bytes`,
    (secret) => Buffer.from(before + telling(secret)).toString('base64url'),
  ]),
  ['percent-encoded', (secret) => encodeURIComponent(secret).replace('csk_', 'csk%5F')],
  ['in UTF-16', (secret) => Buffer.from(telling(secret), 'utf16le')],
]

describe('the search for secrets', () => {
  for (const [kind, secret] of secrets)
    for (const [name, spelled] of spellings)
      it(`finds ${kind} ${name}, and does not repeat it`, () => {
        const own = createLeaks()
        const chosen = secret()
        own.learn(kind, chosen)
        const data = Buffer.concat([
          Buffer.from('{"msg":"a line", "x":"'),
          Buffer.from(spelled(chosen)),
          Buffer.from('"}'),
        ])
        const found = own.search('a log', data)
        expect(found.map((leak) => leak.kind)).to.include(kind)
        for (const { context } of found) {
          expect(context).to.contain('"msg":"a line"').and.contain('«')
          expect(context).to.not.contain(telling(chosen).slice(2, 14))
        }
      })

  it('finds without being told: a key of ours, a signed token, private keys', () => {
    const own = createLeaks()
    const { privateKey } = generateKeyPairSync('ed25519')
    const kinds = (text: string) => own.search('x', text).map(({ kind }) => kind)
    expect(kinds(`{"a":"${newKey()}"}`)).to.deep.equal(['an API key'])
    expect(kinds(`{"a":"${newToken()}"}`)).to.deep.equal(['a signed token'])
    expect(kinds(String(privateKey.export({ format: 'pem', type: 'pkcs8' })))).to.deep.equal(['a private key'])
    expect(kinds(JSON.stringify(privateKey.export({ format: 'jwk' })))).to.deep.equal(['a private key'])
    expect(kinds(JSON.stringify(JSON.stringify(privateKey.export({ format: 'jwk' }))))).to.deep.equal(['a private key'])
  })

  it('finds the bytes of a master key and of a private key', () => {
    const own = createLeaks()
    const master = masterKey()
    own.learnMasterKey(master)
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const der = privateKey.export({ format: 'der', type: 'pkcs8' })
    own.learnPrivateKey(der)
    const kinds = (data: string | Buffer) => own.search('x', data).map(({ kind }) => kind)
    expect(kinds(Buffer.concat([randomBytes(100), Buffer.from(master, 'base64')]))).to.deep.equal(['a master key'])
    expect(kinds(Buffer.from(master, 'base64').toString('hex'))).to.deep.equal(['a master key'])
    expect(kinds(Buffer.concat([randomBytes(100), der]))).to.deep.equal(['a private key'])
    expect(kinds(`x${der.toString('base64')}`)).to.deep.equal(['a private key'])
    expect(kinds(String(privateKey.export({ format: 'jwk' }).d))).to.deep.equal(['a private key'])
  })

  it('finds nothing in what is no secret: hints, digests, public keys, the claims of a token', () => {
    const own = createLeaks()
    const [key, token] = [newKey(), newToken()]
    own.learn('an API key', key)
    own.learn('a subject token', token)
    const texts = [hintOf(key), digestOf(key), digestOf(token), token.slice(0, token.lastIndexOf('.'))]
    const isNoKey = `csk_${'a'.repeat(49)}`
    const jti = '01m8a8zd5rew0k8vwwk83fr0x5.tp_01m8a8zd5rm7y8vwwk83fr0x5.iss_01m8a8zd5rm7y8vwwk83fr0x5'
    for (const text of [...texts, JSON.stringify(providerKey.jwk), isNoKey, jti])
      expect(own.search('x', text), text).to.deep.equal([])
  })
})

describe('the search for secrets, in each place', () => {
  const dir = tempDir()
  let server: Server | undefined
  afterEach(() => {
    server?.close()
    server = undefined
  })

  const leaksOf = async (env: Record<string, string> = {}) =>
    (await searchPlaces(leaks, dir(), env)).leaks.map(({ kind, where }) => `${kind} in ${where}`)
  /** Answers everybody the same. */
  async function saying(status: number, body: string, headers: Record<string, string> = {}) {
    server = createServer((_req, res) => void res.writeHead(status, headers).end(body)).listen(0, '127.0.0.1')
    await new Promise((resolve) => server?.once('listening', resolve))
    return (server.address() as AddressInfo).port
  }
  const failureOf = (work: Promise<unknown>) =>
    work.then(
      () => '',
      (error: Error) => error.message,
    )

  it('a column of the embedded database, and of what is not in it yet', async () => {
    const db = new DatabaseSync(join(dir(), 'countersign.db'))
    db.exec('create table keys (secret text)')
    db.prepare('insert into keys values (?)').run(newKey())
    expect(await leaksOf()).to.deep.equal(['an API key in the file countersign.db'])
    db.exec('delete from keys; vacuum; pragma journal_mode = wal')
    db.prepare('insert into keys values (?)').run(newKey())
    expect(await leaksOf()).to.deep.equal(['an API key in the file countersign.db-wal'])
    db.close()
  })

  it('a signing key that lies beside its sealed form, under the master key that lies there too', async () => {
    const master = masterKey()
    const seal = createSeal(Buffer.from(master, 'base64'))
    const { kid, sealed } = await makeSigningKey('ES256', seal, 0, 0)
    writeFileSync(join(dir(), 'master.key'), `${master}\n`)
    const db = new DatabaseSync(join(dir(), 'countersign.db'))
    db.exec('create table signing_keys (kid text, sealed text)')
    db.prepare('insert into signing_keys values (?, ?)').run(kid, sealed)
    db.close()
    expect(await leaksOf()).to.deep.equal([])
    writeFileSync(join(dir(), 'dump'), seal.open(sealed, kid).plain)
    appendFileSync(join(dir(), 'dump'), Buffer.from(master, 'base64'))
    expect(await leaksOf()).to.have.members(['a master key in the file dump', 'a private key in the file dump'])
  })

  it('a row of PostgreSQL: text, JSON and bytes', async function () {
    this.timeout(installing)
    const postgres = await sharedPostgres()
    const url = await postgres.create()
    const client = new pg.Client(url)
    await client.connect()
    await client.query('create table a (x text); create table b (x jsonb); create table c (x bytea)')
    await client.query('insert into a values ($1)', [newToken()])
    await client.query('insert into b values ($1)', [JSON.stringify({ deep: [newKey()] })])
    await client.query('insert into c values ($1)', [Buffer.from(newToken())])
    await client.end()
    expect(new Set(await leaksOf({ DATABASE_URL: url }))).to.deep.equal(
      new Set([
        'a subject token in the table a',
        'a signed token in the table a',
        'an API key in the table b',
        'a subject token in the table c',
        'a signed token in the table c',
      ]),
    )
    await postgres.drop(url)
  })

  it('a key, a value, a field, a member and an entry of Redis', async function () {
    this.timeout(installing)
    const own = await startRedis()
    const redis = new Redis(own.url)
    await redis.set(`at:${newKey()}`, 'x')
    await redis.set('text', newKey())
    await redis.hset('hash', 'x', newKey())
    await redis.sadd('set', newKey())
    await redis.rpush('list', newKey())
    await redis.zadd('sorted', 1, newKey())
    await redis.xadd('stream', '*', 'x', newKey())
    redis.disconnect()
    const found = await leaksOf({ REDIS_URL: own.url })
    await own.stop()
    expect(found.map((leak) => leak.replace(/at:.*/, 'at')).sort()).to.deep.equal(
      ['at', 'hash', 'list', 'set', 'sorted', 'stream', 'text'].map((key) => `an API key in Redis, ${key}`),
    )
  })

  it('an answer: its body, a header, an address it leads to; but for what it shows once', async () => {
    const asked = async (status: number, body: unknown, headers: Record<string, string> = {}) => {
      const port = await saying(status, JSON.stringify(body), { 'content-type': 'application/json', ...headers })
      return failureOf(call({ url: `http://127.0.0.1:${port}` }, 'GET', '/x')).finally(() => server?.close())
    }
    const key = newKey()
    expect(await asked(401, { detail: `unknown: ${newToken()}` })).to.match(/the answer to GET \/x \(401\)/)
    expect(await asked(404, {}, { 'x-why': newToken() })).to.match(/a subject token in the answer/)
    expect(await asked(302, {}, { location: `https://x.example/?key=${newKey()}` })).to.match(
      /an API key in the answer/,
    )
    expect(await asked(201, { api_key: key, hint: hintOf(key) })).to.equal('')
    expect(await asked(200, { note: key })).to.match(/an API key in the answer/)
  })

  it('a label of a metric', async () => {
    const port = await saying(200, `countersign_x{path="/${newKey()}"} 1\n`)
    expect(await failureOf(scrape(port))).to.match(/an API key in \/metrics/)
  })

  it('an attribute of a span', async () => {
    const collector = await startCollector()
    const attributes = [{ key: 'http.authorization', value: { stringValue: `Bearer ${newToken()}` } }]
    const span = { name: 'exchange', attributes }
    const sent = { resourceSpans: [{ resource: { attributes: [] }, scopeSpans: [{ spans: [span] }] }] }
    await fetch(`${collector.url}/v1/traces`, { method: 'POST', body: JSON.stringify(sent) })
    expect(await failureOf(collector.close())).to.match(/a subject token in traces/)
  })

  it('what a service of the tests leaves in its folder, when it is closed', async () => {
    const service = await startService({ env: { DATABASE_URL: 'sqlite:' } })
    writeFileSync(join(service.dataDir, 'crash.log'), `Error: ${service.operatorKey}`)
    expect(await failureOf(service.close())).to.match(/the operator's key in the file crash\.log: Error: «/)
  })
})
