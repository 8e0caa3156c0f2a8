/** Two tiers and one refresh, whoever asks. The clock is the test's; the service is real. */
import { expect } from 'chai'
import type { AccessToken, TokenEvents } from '../../src/client/index.ts'
import { type ClientWorld, failureOf, startClientWorld } from '../support/client-world.ts'
import { must } from '../support/world.ts'

/** ms. Tokens live 900 s: advisory begins 162 to 198 s before the end, mandatory 30 s before it. */
const [early, advisory, mandatory, ended] = [600_000, 760_000, 875_000, 901_000]

describe('client: refreshing', () => {
  let job: ClientWorld
  before(async () => {
    job = await startClientWorld()
  })
  after(() => job?.close())

  /** As many as the trail has. */
  const exchanges = async () => {
    const { items } = await must(job.world.api('GET', '/audit-events?type=token.exchange&limit=200'))
    return (items as unknown[]).length
  }
  const refreshed = (provider: ReturnType<ClientWorld['provider']>) =>
    new Promise<AccessToken>((resolve) => {
      const end = provider.on('refresh', ({ token }) => {
        end()
        resolve(token)
      })
    })

  it('serves one token until its advisory time, without a word to anybody', async () => {
    const provider = job.provider()
    const token = await provider.getToken()
    const before = await exchanges()
    job.pass(early)
    for (let i = 0; i < 1000; i++) expect(await provider.getToken()).to.equal(token)
    expect(provider.peek()).to.equal(token)
    expect(await exchanges()).to.equal(before)
  })

  it('is asked by 10,000 at once, and exchanges once', async () => {
    const before = await exchanges()
    const provider = job.provider()
    const tokens = await Promise.all(Array.from({ length: 10_000 }, () => provider.getToken()))
    expect(new Set(tokens).size).to.equal(1)
    expect(await exchanges()).to.equal(before + 1)
  })

  it('in the advisory window serves the old one at once to all, and fetches one new one behind them', async () => {
    const provider = job.provider()
    const old = await provider.getToken()
    const asked = job.asked()
    job.pass(advisory)
    const fresh = refreshed(provider)
    const served = await Promise.all(Array.from({ length: 10_000 }, () => provider.getToken()))
    expect(new Set(served)).to.deep.equal(new Set([old]))
    expect(await fresh).to.not.equal(old)
    expect(await provider.getToken()).to.equal(await fresh)
    expect(job.asked()).to.equal(asked + 1)
  })

  for (const [when, ms] of [
    ['mandatory', mandatory],
    ['expired', ended],
  ] as const)
    it(`when it is ${when} all wait for one new one`, async () => {
      const provider = job.provider()
      const old = await provider.getToken()
      const asked = job.asked()
      job.pass(ms)
      expect(provider.peek()).to.equal(undefined)
      const served = await Promise.all(Array.from({ length: 1000 }, () => provider.getToken()))
      expect(new Set(served).size).to.equal(1)
      expect(served[0]).to.not.equal(old)
      expect(job.asked()).to.equal(asked + 1)
    })

  it('scales with the life of the token: one of a minute is not fetched at every call', async () => {
    const provider = job.provider({ ttl: 60 })
    const token = await provider.getToken()
    job.pass(45_000)
    expect(await provider.getToken()).to.equal(token)
    job.pass(12_500)
    expect(await provider.getToken()).to.not.equal(token)
  })

  it('a refresh that was overtaken by invalidate does not bring the old token back', async () => {
    let release = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    let calls = 0
    const source = {
      name: 'gated',
      getSubjectToken: async (ask: Parameters<typeof job.source.getSubjectToken>[0]) => {
        if (++calls === 1) await gate
        return job.source.getSubjectToken(ask, job.here)
      },
    }
    const provider = job.provider({ source })
    const first = provider.getToken()
    provider.invalidate()
    const second = await provider.getToken()
    release()
    const overtaken = await first
    expect(overtaken).to.not.equal(second)
    expect(provider.peek()).to.equal(second)
    expect(await provider.getToken()).to.equal(second)
  })

  it('forceRefresh fetches a new one, one for all who force at once', async () => {
    const provider = job.provider()
    const old = await provider.getToken()
    const asked = job.asked()
    const forced = await Promise.all([1, 2, 3].map(() => provider.getToken({ forceRefresh: true })))
    expect(new Set(forced).size).to.equal(1)
    expect(forced[0]).to.not.equal(old)
    expect(job.asked()).to.equal(asked + 1)
    expect(await provider.getToken()).to.equal(forced[0])
  })

  it('minTtlSeconds: what lives shorter is replaced, and no more is asked than a new one has', async () => {
    const provider = job.provider()
    const old = await provider.getToken()
    job.pass(early)
    expect(await provider.getToken({ minTtlSeconds: 290 })).to.equal(old)
    const longer = await provider.getToken({ minTtlSeconds: 310 })
    expect(longer).to.not.equal(old)
    expect(await provider.getToken({ minTtlSeconds: 86_400 }), 'no storm').to.equal(longer)
  })

  it('a caller that gives up gives up for itself alone', async () => {
    const provider = job.provider()
    const controller = new AbortController()
    const impatient = failureOf(provider.getToken({ signal: controller.signal }))
    const patient = provider.getToken()
    const reason = new Error('enough')
    controller.abort(reason)
    expect(await impatient).to.equal(reason)
    expect(await patient).to.have.property('source', 'test')
    expect(await failureOf(provider.getToken({ signal: controller.signal })), 'nor is it served').to.equal(reason)
  })

  it('a clock that was set back makes no old token young', async () => {
    const provider = job.provider()
    const old = await provider.getToken()
    job.pass(-3_600_000)
    try {
      expect(await provider.getToken()).to.not.equal(old)
    } finally {
      job.pass(3_600_000)
    }
  })

  it('asks the platform anew each time: a rotated token is the one that is sent', async () => {
    let subject = job.world.subject
    const source = { name: 'rotating', getSubjectToken: async () => ({ token: job.signed({ sub: subject }) }) }
    const provider = job.provider({ source })
    await provider.getToken()
    subject = 'somebody-else'
    expect(await failureOf(provider.getToken({ forceRefresh: true }))).to.include({ code: 'no_account_matches' })
  })

  it('tells of a refresh and of its failure, and lets no listener keep anybody from a token', async () => {
    const provider = job.provider()
    const heard: string[] = []
    provider.on('refresh', () => {
      throw new Error('of a listener')
    })
    const end = provider.on('refresh', ({ token }) => heard.push(token.source))
    await provider.getToken()
    end()
    await provider.getToken({ forceRefresh: true })
    expect(heard).to.deep.equal(['test'])
    const refused = job.provider({ serviceAccount: 'ml/nobody' })
    const failed: TokenEvents['refreshFailed'][] = []
    refused.on('refreshFailed', (event) => failed.push(event))
    const error = await failureOf(refused.getToken())
    expect(failed).to.deep.equal([{ error, attempt: 1, retryInMs: undefined, isServed: false }])
  })

  it('a denial in the advisory window is told and served over; when the time is up it is said', async () => {
    const { api, accounts } = job.world
    await job.world.external('brief', 'job:brief')
    const source = { name: 'brief', getSubjectToken: async () => ({ token: job.signed({ sub: 'job:brief' }) }) }
    const provider = job.provider({ source })
    const old = await provider.getToken()
    await must(api('PATCH', `${accounts}/brief`, { enabled: false }))
    job.pass(advisory)
    const failed = new Promise<TokenEvents['refreshFailed']>((resolve) => provider.on('refreshFailed', resolve))
    expect(await provider.getToken()).to.equal(old)
    expect(await failed).to.include({ isServed: true, retryInMs: undefined })
    job.pass(mandatory - advisory)
    expect(await failureOf(provider.getToken())).to.include({ code: 'no_account_matches' })
  })

  it('a listener that fails later does not end the process', async () => {
    const unhandled: unknown[] = []
    const hear = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', hear)
    try {
      const provider = job.provider()
      provider.on('refresh', async () => {
        throw new Error('of a listener')
      })
      await provider.getToken()
      // Node tells of it once all promises of this turn are settled.
      await new Promise((resolve) => setImmediate(resolve))
      expect(unhandled).to.deep.equal([])
    } finally {
      process.off('unhandledRejection', hear)
    }
  })

  it('a clock that is set back does not make a denial last', async () => {
    const provider = job.provider({ serviceAccount: 'ml/nobody' })
    const denied = await failureOf(provider.getToken())
    expect(await failureOf(provider.getToken()), 'within a second').to.equal(denied)
    job.pass(-3_600_000)
    try {
      expect(await failureOf(provider.getToken())).to.not.equal(denied)
    } finally {
      job.pass(3_600_000)
    }
  })

  it('what was disposed of asks nobody any more', async () => {
    const provider = job.provider()
    await provider[Symbol.asyncDispose]()
    const asked = job.asked()
    expect(await failureOf(provider.getToken())).to.include({ code: 'disposed' })
    expect(job.asked()).to.equal(asked)
  })

  it('a platform that fails says nothing of the token in hand: its last seconds serve', async () => {
    let isBroken = false
    const source = {
      name: 'rotating',
      getSubjectToken: async () => ({ token: isBroken ? '' : job.signed() }),
    }
    const provider = job.provider({ source })
    const old = await provider.getToken()
    isBroken = true
    job.pass(mandatory)
    expect(await provider.getToken()).to.equal(old)
    job.pass(ended - mandatory)
    expect(await failureOf(provider.getToken())).to.include({ code: 'subject_token_empty' })
  })

  it('a refresh that was overtaken tells of no failure, and refuses nobody after it', async () => {
    let fail = (_error: Error) => {}
    let calls = 0
    const source = {
      name: 'gated',
      getSubjectToken: async (ask: Parameters<typeof job.source.getSubjectToken>[0]) => {
        if (++calls === 1) await new Promise((_resolve, reject) => (fail = reject))
        return job.source.getSubjectToken(ask, job.here)
      },
    }
    const provider = job.provider({ source })
    const failures: unknown[] = []
    provider.on('refreshFailed', (event) => failures.push(event))
    const first = failureOf(provider.getToken())
    provider.invalidate()
    const second = provider.getToken()
    fail(new Error('late'))
    expect(await first).to.include({ source: 'gated' })
    await second
    provider.invalidate()
    await provider.getToken()
    expect(failures).to.deep.equal([])
  })

  it('ends what runs when it is disposed of', async () => {
    const silent = { name: 'silent', getSubjectToken: () => new Promise<never>(() => {}) }
    const provider = job.provider({ source: silent })
    const waiting = failureOf(provider.getToken())
    await provider[Symbol.asyncDispose]()
    expect(await waiting).to.include({ code: 'disposed' })
  })
})
