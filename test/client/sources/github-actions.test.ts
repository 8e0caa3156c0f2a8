import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect } from 'chai'
import { claimsOf } from '../../../src/client/sources/unverified.ts'
import type { Environment } from '../../../src/client/surroundings.ts'
import { type Provider, startProvider } from '../../support/identity-provider.ts'
import { type GithubActions, startGithubActions } from '../../support/platforms/github-actions.ts'
import { type ask, audience, failure, findIn } from './asked.ts'

describe('client/sources/github-actions', () => {
  let provider: Provider
  let github: GithubActions
  let forgejo: GithubActions
  before(async () => {
    provider = await startProvider()
    github = await startGithubActions(provider)
    forgejo = await startGithubActions(provider, { isForgejo: true })
  })
  after(async () => {
    await forgejo?.close()
    await github?.close()
    await provider?.close()
  })
  const find = (env: Environment = github.env, own: Parameters<typeof ask>[0] = {}) => findIn(env, own)

  it('asks for a token for us, with the query that the URL has', async () => {
    const { token, type, source } = await find()
    expect({ type, source }).to.deep.equal({ type: 'jwt', source: 'github-actions' })
    expect(claimsOf(token)).to.include({ aud: audience, repository: 'acme/app' })
    expect(github.asked.at(-1)?.url.search).to.equal(`?api-version=2.0&audience=${encodeURIComponent(audience)}`)
  })

  it('asks anew each time', async () => {
    const before = github.asked.length
    const jti = async () => claimsOf((await find()).token)?.jti
    expect(await jti()).to.not.equal(await jti())
    expect(github.asked.length).to.equal(before + 2)
  })

  it('sends an audience as it is, whatever is in it', async () => {
    const odd = 'https://x.example/?a=1&audience=evil#ü +'
    expect(claimsOf((await find(github.env, { audience: odd })).token)?.aud).to.equal(odd)
  })

  it('asks for ours alone, where the URL names another already', async () => {
    const url = `${github.env.ACTIONS_ID_TOKEN_REQUEST_URL}&audience=evil`
    const { token } = await findIn({ ...github.env, ACTIONS_ID_TOKEN_REQUEST_URL: url })
    expect(claimsOf(token)?.aud).to.equal(audience)
  })

  it('is Forgejo too', async () => {
    expect(claimsOf((await find(forgejo.env)).token)?.aud).to.equal(audience)
    const error = await failure(find(forgejo.envWithoutPermission))
    expect(error.hint).to.contain('`enable-openid-connect: true`')
  })

  it('asks nobody without an audience', async () => {
    const before = github.asked.length
    const error = await failure(find(github.env, { audience: undefined }))
    expect(error).to.include({ category: 'usage', code: 'audience_unknown' })
    expect(error.hint).to.contain('/orgs/NAME')
    expect(github.asked.length).to.equal(before)
  })

  it('says which permission is missing', async () => {
    const halves = ['ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN']
    const lacking = [github.envWithoutPermission, ...halves.map((name) => ({ ...github.env, [name]: undefined }))]
    for (const env of lacking) {
      const error = await failure(find(env))
      expect(error).to.include({ code: 'permission_missing', retryable: false })
      expect(error.message).to.equal('github-actions: this job may not ask for an ID token')
      expect(error.hint).to.equal('add `permissions: id-token: write` to the job')
    }
  })

  describe('in a pull request', () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-event-'))
    after(() => rmSync(folder, { recursive: true }))
    const repository = (full_name: string) => ({ repo: { full_name } })
    const hintIn = async (event: unknown, GITHUB_EVENT_NAME = 'pull_request') => {
      const path = join(folder, 'event.json')
      writeFileSync(path, typeof event === 'string' ? event : JSON.stringify(event))
      const env = { ...github.envWithoutPermission, GITHUB_EVENT_NAME, GITHUB_EVENT_PATH: path }
      return (await failure(find(env))).hint
    }

    it('from a fork, no permission helps', async () => {
      const fork = { pull_request: { head: repository('mallory/app'), base: repository('acme/app') } }
      const gone = { pull_request: { head: { repo: null }, base: repository('acme/app') } }
      for (const event of [fork, gone])
        expect(await hintIn(event))
          .to.match(/^a pull request from a fork gets no ID token/)
          .and.not.contain('permissions')
    })

    it('from a branch of our own, it is the permission', async () => {
      const own = { pull_request: { head: repository('acme/app'), base: repository('acme/app') } }
      expect(await hintIn(own)).to.equal('add `permissions: id-token: write` to the job')
    })

    it('says both when the event does not tell', async () => {
      for (const event of ['', '{', 'null', '{}', { pull_request: {} }])
        expect(await hintIn(event)).to.match(/id-token: write.* fork gets no ID token/)
    })

    it('that runs as the repository itself, is warned', async () => {
      expect(await hintIn({}, 'pull_request_target')).to.match(/id-token: write.* must not run what the pull request/)
    })
  })

  describe('when the platform does not give one', () => {
    const refusal = async (answer: Parameters<GithubActions['instead']['push']>[0]) => {
      github.instead.push(answer)
      const error = await failure(find())
      expect(github.instead).to.deep.equal([])
      return error
    }

    it('can be asked again where that may help', async () => {
      for (const status of [500, 502, 503, 429, 408]) {
        const error = await refusal({ status, body: 'of-the-platform' })
        expect(error).to.include({ source: 'github-actions', retryable: true, category: 'unavailable' })
        expect(error.message).to.contain(`answered with ${status}`).and.not.contain('of-the-platform')
      }
      const gone = { ...github.env, ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1:1/?x=y' }
      expect(await failure(find(gone))).to.include({ retryable: true })
    })

    it('cannot where it says no, sends us elsewhere, or talks of something else', async () => {
      expect(await refusal({ status: 401 })).to.include({ retryable: false })
      expect((await refusal({ status: 403 })).hint).to.contain('ends with the job')
      for (const status of [301, 302, 307, 308])
        expect(await refusal({ status, headers: { location: 'https://elsewhere.example/' } })).to.include({
          retryable: false,
        })
      for (const body of ['', 'null', '{}', '[]', '{"value":7}', '<html>', '{"value":null}'])
        expect((await refusal({ status: 200, body })).message).to.contain('no JSON with a "value"')
      expect(await refusal({ status: 200, body: '{"value":"not-a-jwt"}' })).to.include({
        code: 'subject_token_malformed',
      })
      const huge = await refusal({ status: 200, body: `{"value":"${'a'.repeat(1_048_577)}"}` })
      expect(huge.message).to.contain('gave no answer')
    })

    it('ends when the caller has no more time', async () => {
      github.instead.push(null)
      const stop = new AbortController()
      const reason = new Error('enough')
      const waiting = failure(find(github.env, { signal: stop.signal }))
      while (github.instead.length > 0) await new Promise(setImmediate)
      stop.abort(reason)
      expect(await waiting).to.equal(reason)
    })

    it('shows its pass to nobody over a plain line, and tells it to nobody', async () => {
      const url = 'http://actions.example/?api-version=2.0'
      const error = await failure(find({ ...github.env, ACTIONS_ID_TOKEN_REQUEST_URL: url }))
      expect(error.message).to.equal('github-actions: actions.example is not asked over http: it takes https')
      expect((await failure(find({ ...github.env, ACTIONS_ID_TOKEN_REQUEST_URL: 'x' }))).message).to.contain(
        'not a URL',
      )
      const pass = github.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN as string
      const errors = [error, await refusal({ status: 401 }), await refusal({ status: 500 })]
      for (const one of errors) expect(inspect(one, { depth: 9 })).to.not.contain(pass)
    })
  })
})
