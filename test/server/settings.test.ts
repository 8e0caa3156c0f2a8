import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect } from 'chai'
import { publicNetwork } from '../../src/server/issuers/network.ts'
import { loadSettings, SettingError } from '../../src/server/settings.ts'
import { root as house } from '../support/server.ts'

const key32 = Buffer.alloc(32, 7).toString('base64')
const operatorKey = 'k'.repeat(32)

describe('settings', () => {
  let root: string
  const load = (env: Record<string, string | undefined> = {}) => loadSettings(root, env)
  const local = (text: string) => writeFileSync(join(root, 'config/local.yaml'), text)
  const file = (text: string) => {
    const path = join(root, 'secret')
    writeFileSync(path, text)
    return path
  }
  const complaint = (env: Record<string, string | undefined>): string => {
    try {
      load(env)
    } catch (error) {
      expect(error).to.be.instanceOf(SettingError)
      const { message } = error as Error
      expect(message).to.not.include('\n')
      return message
    }
    return 'none'
  }

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'countersign-settings-'))
    mkdirSync(join(root, 'config'))
    writeFileSync(join(root, 'config/default.yaml'), readFileSync(join(house, 'config/default.yaml')))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  it('has the defaults of the contract', () => {
    expect(load()).to.deep.include({
      host: '127.0.0.1',
      port: 8080,
      publicUrl: undefined,
      dataDir: resolve('data'),
      databaseUrl: undefined,
      masterKey: undefined,
      operatorKey: undefined,
      issuerNetwork: publicNetwork,
      trustProxy: [],
      tokenAlg: 'ES256',
      limitFailedPerMinute: 300,
      logLevel: 'info',
    })
  })

  it('is frozen', () => {
    const settings = load() as { port: number }
    expect(() => {
      settings.port = 1
    }).to.throw(TypeError)
  })

  it('takes the environment before local.yaml, and that before default.yaml', () => {
    local('PORT: 1111\nHOST: "::1"\n')
    expect(load()).to.include({ port: 1111, host: '::1', tokenAlg: 'ES256' })
    expect(load({ PORT: '2222' })).to.include({ port: 2222, host: '::1' })
    expect(load({ PORT: '0' })).to.include({ port: 0 })
  })

  it('takes an empty value for an absent one, and trims', () => {
    local('PORT: 1111\nHOST:\n')
    expect(load({ PORT: '', HOST: ' ' })).to.include({ port: 1111, host: '127.0.0.1' })
    expect(load({ PORT: ' 2222\n' })).to.include({ port: 2222 })
  })

  it('splits TRUST_PROXY at commas', () => {
    expect(load({ TRUST_PROXY: '10.0.0.0/8, ::1,' }).trustProxy).to.deep.equal(['10.0.0.0/8', '::1'])
  })

  it('refuses a key that nobody knows', () => {
    local('PORT: 1111\nPROT: 2222\n')
    expect(complaint({})).to.equal('config/local.yaml: PROT is not a setting; see config/default.yaml')
  })

  it('refuses a local.yaml that is no list of settings, or no YAML', () => {
    local('- PORT\n')
    expect(complaint({})).to.match(/local\.yaml: must be a list of KEY: value$/)
    local('PORT: "1\nHOST: [\n')
    expect(complaint({})).to.match(/local\.yaml: /)
  })

  it('does well without local.yaml, or with an empty one', () => {
    local('')
    expect(load()).to.include({ port: 8080 })
    local('# nothing yet\n')
    expect(load()).to.include({ port: 8080 })
  })

  const impossible: Record<string, readonly string[]> = {
    PORT: ['abc', '-1', '65536', '80.5', '1e3', '0x50'],
    PUBLIC_URL: [
      'sts.example.com',
      'ftp://sts.example.com',
      'https://sts.example.com/',
      'https://sts.example.com/a/',
      'https://sts.example.com?a=b',
      'https://sts.example.com#a',
      'https://me@sts.example.com',
      'https://STS.example.com',
      'https://sts.example.com/:org',
      'https://sts.example.com/a*',
      'https://sts.example.com/(a)',
      'https://sts.example.com:443',
    ],
    DATABASE_URL: ['mysql://localhost', 'postgres:///countersign'],
    MASTER_KEY: [
      'short',
      `!!${Buffer.alloc(32).toString('base64')}`,
      Buffer.alloc(31).toString('base64'),
      Buffer.alloc(33).toString('base64'),
    ],
    MASTER_KEY_PREVIOUS: ['short'],
    OPERATOR_KEY: ['short', 'k'.repeat(257), `${'k'.repeat(32)} k`, `${'k'.repeat(32)}é`],
    TOKEN_ALG: ['HS256', 'none', 'es256'],
    LIMIT_FAILED_PER_MINUTE: ['-1', 'many', '1000001'],
    LIMIT_ISSUER_FETCHES_PER_MINUTE: ['-1', 'many', '1000001'],
    SIGNING_KEY_DAYS: ['1', '3651', 'x'],
    LOG_LEVEL: ['loud', 'INFO'],
    DATABASE_POOL_SIZE: ['3', 'x'],
    REDIS_URL: ['redis.example', 'http://redis.example', 'redis://a,redis://b'],
    REDIS_MODE: ['CLUSTER', 'x'],
    WORKERS: ['0', '257', 'x'],
    AUDIT_RETENTION_DAYS: ['0', 'x'],
    METRICS_PORT: ['-1', '65536'],
    OTEL_EXPORTER_OTLP_ENDPOINT: ['collector', 'grpc://collector'],
    DRAIN_SECONDS: ['-1', '601', 'x'],
    ISSUER_NETWORK: ['10.0.0.0/33', 'any,public', '10.0.0.0/8,,'],
    TRUST_PROXY: ['banana', '10.0.0.0/33', '10.0.0.0/8/8', '::1/129'],
  }
  for (const [name, values] of Object.entries(impossible)) {
    it(`refuses an impossible ${name}, naming it`, () => {
      for (const value of values) expect(complaint({ [name]: value }), value).to.match(new RegExp(`^${name}: `))
    })
  }

  it('never repeats a secret in its complaint', () => {
    for (const name of ['OPERATOR_KEY', 'MASTER_KEY', 'MASTER_KEY_PREVIOUS', 'DATABASE_URL', 'REDIS_URL'])
      expect(complaint({ [name]: 'hush hush' })).to.not.include('hush')
    expect(complaint({ PUBLIC_URL: 'https://ours:hush@x.example' })).to.include('"https://…@x.example"')
    for (const password of ['hu@sh', 'hu/sh', 'h@u/s@h'])
      expect(complaint({ PUBLIC_URL: `https://ours:${password}@x.example?x` })).to.include('"https://…@x.example?x"')
    const url = 'ftp://ours:hush@x.example'
    expect(complaint({ OTEL_EXPORTER_OTLP_ENDPOINT: url })).to.include('"ftp://…@x.example"')
  })

  it('reads OPERATOR_KEY and MASTER_KEY from a file, without its last newline', () => {
    expect(load({ OPERATOR_KEY_FILE: file(`${operatorKey}\n`) }).operatorKey).to.equal(operatorKey)
    expect(load({ MASTER_KEY_FILE: file(`${key32}\n`) }).masterKey).to.deep.equal(Buffer.alloc(32, 7))
  })

  it('takes the value itself before its file', () => {
    const path = file('z'.repeat(32))
    expect(load({ OPERATOR_KEY: operatorKey, OPERATOR_KEY_FILE: path }).operatorKey).to.equal(operatorKey)
  })

  it('judges what a file holds, and names a file that cannot be read', () => {
    expect(complaint({ OPERATOR_KEY_FILE: file('short') })).to.match(/^OPERATOR_KEY: /)
    expect(complaint({ OPERATOR_KEY_FILE: file('\n') })).to.match(/^OPERATOR_KEY: /)
    expect(complaint({ MASTER_KEY_FILE: join(root, 'none') })).to.equal(
      `MASTER_KEY_FILE: cannot read ${join(root, 'none')}: ENOENT`,
    )
  })

  it('keeps MASTER_KEY_PREVIOUS', () => {
    expect(load({ MASTER_KEY_PREVIOUS: key32 }).masterKeyPrevious).to.deep.equal(Buffer.alloc(32, 7))
  })

  describe('the provider by which people sign in', () => {
    const sso = { SSO_ISSUER: 'https://id.example/', SSO_CLIENT_ID: 'c', SSO_CLIENT_SECRET: 'hush' }
    it('is whole, or there is none', () => {
      expect(load({}).sso).to.equal(undefined)
      expect(load(sso).sso).to.deep.equal({ issuer: 'https://id.example/', clientId: 'c', clientSecret: 'hush' })
      for (const name of Object.keys(sso)) expect(complaint({ ...sso, [name]: '' })).to.match(new RegExp(`^${name}: `))
    })
    it('is asked over https, but on this machine, or where everything is allowed', () => {
      const ask = (SSO_ISSUER: string, ISSUER_NETWORK = '') => complaint({ ...sso, SSO_ISSUER, ISSUER_NETWORK })
      for (const issuer of ['http://id.example', 'http://127.0.0.1.example', 'http://10.0.0.1'])
        expect(ask(issuer)).to.match(/^SSO_ISSUER: must be an https URL, but/)
      for (const issuer of [
        'x',
        'ftp://id.example',
        'https://id.example?a',
        'https://a:b@id.example',
        'https://id.example#x',
      ])
        expect(ask(issuer))
          .to.match(/^SSO_ISSUER: must be an https URL without/)
          .and.not.contain('a:b')
      for (const issuer of ['http://127.0.0.1:9', 'http://localhost', 'http://[::1]:9'])
        expect(load({ ...sso, SSO_ISSUER: issuer }).sso?.issuer).to.equal(issuer)
      expect(load({ ...sso, SSO_ISSUER: 'http://id.example', ISSUER_NETWORK: 'any' }).sso?.issuer).to.equal(
        'http://id.example',
      )
    })
    it('may have its secret in a file', () => {
      writeFileSync(join(root, 'sso'), 'hush\n')
      const { SSO_CLIENT_SECRET: _, ...rest } = sso
      expect(load({ ...rest, SSO_CLIENT_SECRET_FILE: join(root, 'sso') }).sso?.clientSecret).to.equal('hush')
    })
  })

  const postgres = { DATABASE_URL: 'postgres://sts:hush@db.example/sts', MASTER_KEY: key32 }
  const redis = { REDIS_URL: 'redis://:hush@redis.example' }

  it('wants PostgreSQL and Redis for more than one process', () => {
    expect(complaint({ WORKERS: '2' })).to.match(/^WORKERS: /)
    expect(complaint({ WORKERS: '2', ...postgres })).to.match(/^WORKERS: /)
    expect(complaint({ WORKERS: '2', ...redis })).to.match(/^WORKERS: /)
    expect(complaint({ WORKERS: '1' })).to.equal('none')
    expect(load({ WORKERS: '2', ...postgres, ...redis })).to.deep.include({
      workers: 2,
      databaseUrl: postgres.DATABASE_URL,
      redis: { urls: [redis.REDIS_URL], mode: 'single', sentinelName: 'mymaster' },
    })
  })

  it('wants a master key with PostgreSQL, and no port of the metrics unless it was chosen', () => {
    expect(complaint({ DATABASE_URL: postgres.DATABASE_URL })).to.match(/^MASTER_KEY: /)
    expect(load()).to.include({
      metricsPort: 9464,
      metricsPortGiven: false,
      auditRetentionDays: 400,
      tracesUrl: undefined,
    })
    expect(load({ METRICS_PORT: '9464' })).to.include({ metricsPort: 9464, metricsPortGiven: true })
  })

  it('takes the addresses of a cluster, and more than one of nothing else', () => {
    const two = { REDIS_URL: 'redis://a, rediss://b:7000' }
    expect(complaint(two)).to.match(/^REDIS_URL: more than one/)
    for (const mode of ['cluster', 'sentinel'])
      expect(load({ ...two, REDIS_MODE: mode }).redis).to.deep.include({ urls: ['redis://a', 'rediss://b:7000'], mode })
  })
})
