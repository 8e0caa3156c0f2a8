import { inspect } from 'node:util'
import { expect } from 'chai'
import {
  ConfigError,
  FederationError,
  type NoAmbientCredentialError,
  SubjectTokenError,
} from '../../../src/client/federation-error.ts'
import { sourceNames } from '../../../src/client/sources/ambient.ts'
import { createSubjectFinder, detectSource } from '../../../src/client/sources/find.ts'
import type { SubjectTokenSource } from '../../../src/client/subject-token.ts'
import { type Provider, startProvider } from '../../support/identity-provider.ts'
import { ask, audience, failure, surroundings } from './asked.ts'

describe('client/sources/find', () => {
  let provider: Provider
  before(async () => {
    provider = await startProvider()
  })
  after(() => provider?.close())

  const nowhere = surroundings({}, { readFile: async () => undefined })
  const at = (name: string, more: Partial<SubjectTokenSource> = {}): SubjectTokenSource => ({
    name,
    detect: () => true,
    getSubjectToken: async () => ({ token: provider.token() }),
    ...more,
  })

  describe('auto', () => {
    it('takes what is set explicitly before the platform that it runs on', async () => {
      const token = provider.token()
      const here = surroundings({ GITHUB_ACTIONS: 'true', COUNTERSIGN_IDENTITY_TOKEN: ` ${token}\n` })
      expect(await createSubjectFinder('auto', here)(ask())).to.deep.equal({
        token,
        type: 'jwt',
        source: 'identity-token',
      })
    })

    it('is what happens when nothing is said, and COUNTERSIGN_SOURCE says', async () => {
      const env = { COUNTERSIGN_API_KEY: 'key-of-a-job' }
      const found = { token: 'key-of-a-job', type: 'api_key', source: 'api-key' }
      for (const COUNTERSIGN_SOURCE of [undefined, '', ' ', 'auto', 'api-key'])
        expect(await createSubjectFinder(undefined, surroundings({ ...env, COUNTERSIGN_SOURCE }))(ask())).to.deep.equal(
          found,
        )
      const other = surroundings({ ...env, COUNTERSIGN_SOURCE: 'github-actions' })
      expect(await failure(createSubjectFinder(undefined, other)(ask()))).to.include({ source: 'github-actions' })
    })

    it('takes what is set and empty for not set', async () => {
      const empty = { COUNTERSIGN_API_KEY: '', COUNTERSIGN_IDENTITY_TOKEN: ' ', COUNTERSIGN_IDENTITY_TOKEN_FILE: '\n' }
      const here = { ...nowhere, env: empty }
      expect(await failure(createSubjectFinder('auto', here)(ask()))).to.include({ code: 'no_ambient_credential' })
    })

    it('does not choose between an identity token and an API key', async () => {
      for (const name of ['COUNTERSIGN_IDENTITY_TOKEN', 'COUNTERSIGN_IDENTITY_TOKEN_FILE']) {
        const env = { COUNTERSIGN_API_KEY: 'key-of-a-job', [name]: provider.token() }
        const error = await failure(createSubjectFinder('auto', surroundings(env))(ask()))
        expect(error).to.be.instanceOf(ConfigError)
        expect(error).to.include({ category: 'usage', code: 'conflicting_credentials' })
        expect(error.message).to.equal(`both ${name} and COUNTERSIGN_API_KEY are set`)
        expect((await createSubjectFinder('api-key', surroundings(env))(ask())).source).to.equal('api-key')
      }
    })

    it('ends where it is at home and broken, whatever else is there', async () => {
      const here = surroundings({ GITHUB_ACTIONS: 'true', GITLAB_CI: 'true', COUNTERSIGN_ID_TOKEN: provider.token() })
      const error = await failure(createSubjectFinder('auto', here)(ask()))
      expect(error).to.be.instanceOf(SubjectTokenError)
      expect(error).to.include({ source: 'github-actions', code: 'permission_missing' })
    })

    it('says of every source why it is not the one', async () => {
      const error = (await failure(createSubjectFinder('auto', nowhere)(ask()))) as NoAmbientCredentialError
      expect(error.tried.map(({ source }) => source)).to.deep.equal(sourceNames)
      for (const { source, why } of error.tried) expect(error.message).to.contain(`${source} (${why})`)
      expect(error.tried).to.deep.include({ source: 'github-actions', why: 'GITHUB_ACTIONS is not "true"' })
      expect(error.hint).to.contain('COUNTERSIGN_API_KEY')
    })
  })

  describe('a source that is named', () => {
    it('is asked though it is not at home, and says what is missing', async () => {
      const error = await failure(createSubjectFinder('identity-token', nowhere)(ask()))
      expect(error).to.be.instanceOf(SubjectTokenError)
      expect(error.message).to.equal('identity-token: COUNTERSIGN_IDENTITY_TOKEN is not set')
      const own = at('own', { detect: () => false })
      expect((await createSubjectFinder(own, nowhere)(ask())).source).to.equal('own')
    })

    it('has to be one', () => {
      for (const source of ['github', 'constructor', '__proto__', '', 'toString', 7, {}, { name: 'x' }, [], ['x']])
        expect(() => createSubjectFinder(source as never, nowhere), String(source)).to.throw(ConfigError)
      expect(() => createSubjectFinder(undefined, surroundings({ COUNTERSIGN_SOURCE: 'github' }))).to.throw(
        ConfigError,
        'there is no source "github"',
      )
      const slip = surroundings({ COUNTERSIGN_SOURCE: provider.token() })
      expect(() => createSubjectFinder(undefined, slip)).to.throw(ConfigError, /^there is no source of that name$/)
    })
  })

  describe('a list', () => {
    it('is tried in its own order; one without `detect` is meant', async () => {
      const asked: string[] = []
      const one = (name: string, isHome: boolean | undefined) =>
        at(name, {
          ...(isHome === undefined ? { detect: undefined as never } : { detect: () => isHome }),
          getSubjectToken: async () => {
            asked.push(name)
            return { token: provider.token() }
          },
        })
      const sourceOf = async (...list: SubjectTokenSource[]) => (await createSubjectFinder(list, nowhere)(ask())).source
      expect(await sourceOf(one('a', false), one('b', true), one('c', true))).to.equal('b')
      expect(await sourceOf(one('c', true), one('b', true))).to.equal('c')
      expect(await sourceOf(one('a', false), one('d', undefined), one('b', true))).to.equal('d')
      expect(asked).to.deep.equal(['b', 'c', 'd'])
    })

    it('looks no further than the first that is at home', async () => {
      const never = at('never', { detect: () => new Promise<boolean>(() => {}) })
      expect((await createSubjectFinder([at('home'), never], nowhere)(ask())).source).to.equal('home')
    })

    it('ends at the first that is at home and broken', async () => {
      const broken = at('broken', {
        getSubjectToken: async () => {
          throw new SubjectTokenError('broken', 'it is')
        },
      })
      const error = await failure(createSubjectFinder([broken, at('whole')], nowhere)(ask()))
      expect(error.message).to.equal('broken: it is')
    })

    it('has nobody at home', async () => {
      const list = ['github-actions' as const, at('own', { detect: () => false })]
      const error = (await failure(createSubjectFinder(list, nowhere)(ask()))) as NoAmbientCredentialError
      expect(error.tried).to.deep.equal([
        { source: 'github-actions', why: 'GITHUB_ACTIONS is not "true"' },
        { source: 'own', why: 'it is not detected' },
      ])
    })

    it('passes over one that cannot tell', async () => {
      const unsure = at('unsure', {
        detect: () => {
          throw new Error('EACCES')
        },
      })
      expect((await createSubjectFinder([unsure, at('sure')], nowhere)(ask())).source).to.equal('sure')
    })
  })

  it('names the platform when it is the one that takes the time', async () => {
    const reason = new FederationError('unavailable', 'no answer within 10 s', { code: 'timeout' })
    const over = new AbortController()
    const silent = {
      name: 'silent',
      getSubjectToken: ({ signal }: { signal: AbortSignal }) =>
        new Promise<never>((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
          over.abort(reason)
        }),
    }
    const error = await failure(createSubjectFinder(silent, surroundings({}))(ask({ signal: over.signal })))
    expect(error).to.include({ code: 'platform_unavailable', retryable: true, source: 'silent' })
    expect(error.hint).to.contain('the platform')
  })

  it('tells where we are without asking for a token', async () => {
    const fetch = () => {
      throw new Error('the network was touched')
    }
    const here = surroundings({ GITHUB_ACTIONS: 'true', COUNTERSIGN_API_KEY: 'key-of-a-job' }, { fetch })
    const { source, tried } = await detectSource(here)
    expect(source?.name).to.equal('api-key')
    expect(tried).to.deep.include({ source: 'github-actions', why: 'api-key comes first' })
    expect(tried).to.deep.include({ source: 'identity-token', why: 'COUNTERSIGN_IDENTITY_TOKEN is not set' })
    expect(await detectSource(nowhere)).to.not.have.property('source')
  })

  it('calls what a source throws its own, and lets the signal through', async () => {
    const secret = 'of-the-source-s3cret'
    const broken = at('own', {
      getSubjectToken: async () => {
        throw new Error(secret)
      },
    })
    const error = await failure(createSubjectFinder(broken, nowhere)(ask()))
    expect(error).to.be.instanceOf(SubjectTokenError)
    expect(error.message).to.equal('own: it failed')
    const reason = new Error('enough')
    const stop = new AbortController()
    const slow = at('own', {
      getSubjectToken: async () => {
        stop.abort(reason)
        throw new Error(secret)
      },
    })
    expect(await failure(createSubjectFinder(slow, nowhere)(ask({ signal: stop.signal })))).to.equal(reason)
    const late = createSubjectFinder(at('own'), nowhere)(ask({ signal: AbortSignal.abort(reason) }))
    expect(await failure(late)).to.equal(reason)
  })

  describe('judges what it found', () => {
    const find = (token: unknown, more: object = {}, here = nowhere) =>
      createSubjectFinder(at('own', { getSubjectToken: async () => ({ token, ...more }) as never }), here)(ask())

    it('trims it', async () => {
      const token = provider.token()
      expect((await find(`\n ${token}\r\n`)).token).to.equal(token)
    })

    it('refuses what is none, and never repeats it', async () => {
      const token = provider.token()
      const [header, claims, signature] = token.split('.') as [string, string, string]
      const part = (text: string) => Buffer.from(text).toString('base64url')
      const bad: [token: unknown, code: string][] = [
        ['', 'subject_token_empty'],
        [' \n\t', 'subject_token_empty'],
        [undefined, 'subject_token'],
        [{ token }, 'subject_token'],
        [`${header}.${claims}`, 'subject_token_malformed'],
        [`${token}.${signature}`, 'subject_token_malformed'],
        [`${token}.`, 'subject_token_malformed'],
        [`${header}.${claims}.`, 'subject_token_malformed'],
        [`Bearer ${token}`, 'subject_token_malformed'],
        [`${token}\n${token}`, 'subject_token_malformed'],
        [`${header}.${claims}=.${signature}`, 'subject_token_malformed'],
        [`${header}.${part('[]')}.${signature}`, 'subject_token_malformed'],
        [`${header}.${part('null')}.${signature}`, 'subject_token_malformed'],
        [`${header}.${part('{"sub":')}.${signature}`, 'subject_token_malformed'],
        [`${header}.${part('\xff').slice(0, 1)}.${signature}`, 'subject_token_malformed'],
        ['an-api-key-or-so', 'subject_token_malformed'],
        [`${header}.${claims}.${'a'.repeat(16_385 - header.length - claims.length - 2)}`, 'subject_token_too_long'],
      ]
      for (const [given, code] of bad) {
        const error = await failure(find(given))
        expect(error, String(given)).to.be.instanceOf(SubjectTokenError)
        expect(error, String(given)).to.include({ code, retryable: false, source: 'own' })
        const text = inspect(error, { depth: 9 }) + JSON.stringify(error)
        expect(text).to.not.contain(signature)
        expect(text).to.not.contain(claims.slice(0, 24))
        expect(text).to.not.contain('an-api-key-or-so')
      }
      const longest = `${header}.${claims}.${'a'.repeat(16_384 - header.length - claims.length - 2)}`
      expect((await find(longest)).token).to.equal(longest)
    })

    it('refuses one that has expired, with what to do about it', async () => {
      const now = Date.parse('2026-11-30T12:00:00Z')
      const exp = now / 1000
      const here = { ...nowhere, now: () => now }
      expect((await find(provider.token({ exp: exp + 1 }), {}, here)).source).to.equal('own')
      const spans: [expired: number, says: string][] = [
        [0, '1 s'],
        [90, '90 s'],
        [600, '10 min'],
        [3 * 3600, '3 h'],
      ]
      for (const [seconds, says] of spans) {
        const error = await failure(find(provider.token({ exp: exp - seconds }), {}, here))
        expect(error).to.include({ code: 'subject_token_expired', message: `own: the token has expired ${says} ago` })
        expect(error.hint).to.match(/clock of this machine/)
      }
      const env = { COUNTERSIGN_IDENTITY_TOKEN: provider.token({ exp: exp - 5 }) }
      const error = await failure(createSubjectFinder('auto', { ...here, env })(ask()))
      expect(error.hint).to.match(/COUNTERSIGN_IDENTITY_TOKEN_FILE/)
      // Without an end: what that means is the service's to say.
      expect((await find(provider.token({ exp: undefined }), {}, here)).source).to.equal('own')
    })

    it('says whom the token is for, where that is somebody else', async () => {
      expect(await find(provider.token({ aud: audience }))).to.not.have.property('hint')
      expect(await find(provider.token({ aud: ['x', audience] }))).to.not.have.property('hint')
      const { hint } = await find(provider.token({ aud: ['sts.example', 'other'] }))
      expect(hint).to.contain('the token is for sts.example, other, and not for https://countersign.example/orgs/acme')
      expect((await find(provider.token({ aud: undefined }))).hint).to.contain('names no audience')
      expect((await find(provider.token({ aud: 'x' }), { hint: 'its own' })).hint).to.equal('its own')
    })

    it('takes an API key as it is, but for slips', async () => {
      expect(await find(' key-1\n', { type: 'api_key' })).to.deep.equal({
        token: 'key-1',
        type: 'api_key',
        source: 'own',
      })
      for (const key of ['key 1', 'key-1\nkey-2', 'key\u0000', 'ключ'])
        expect(await failure(find(key, { type: 'api_key' }))).to.include({ code: 'api_key_malformed' })
      expect(await failure(find('', { type: 'api_key' }))).to.include({ code: 'subject_token_empty' })
    })
  })
})
