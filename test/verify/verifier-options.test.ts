import { expect } from 'chai'
import { settled, type VerifierOptions } from '../../src/verify/verifier-options.ts'
import { serverKey } from '../support/issuing.ts'

const good: VerifierOptions = { url: 'https://id.example', organization: 'acme', key: serverKey }

describe('verify/verifier-options', () => {
  const wrong: [what: string, options: Partial<Record<keyof VerifierOptions, unknown>>, option: string][] = [
    ['a URL that is none', { url: 'id.example' }, 'url'],
    ['no URL, as of a variable that is not set', { url: undefined }, 'url'],
    ['another scheme', { url: 'file:///etc' }, 'url'],
    ['a query', { url: 'https://id.example?x' }, 'url'],
    ['a user in the URL, with whom nothing can be fetched', { url: 'https://me:secret@id.example' }, 'url'],
    ['an empty organization', { organization: '' }, 'organization'],
    ['a list of organizations', { organization: ['acme'] }, 'organization'],
    ['an empty audience', { audience: '' }, 'audience'],
    ['an audience that is no URI', { audience: 'api' }, 'audience'],
    ['a key that is cut', { key: serverKey.slice(0, -1) }, 'key'],
    ['a key that is a token', { key: 'a.b.c' }, 'key'],
    ['an empty key, as of a variable that is not set', { key: '' }, 'key'],
    ...[Number.NaN, Number.POSITIVE_INFINITY, -1, '60', null].flatMap((value): (typeof wrong)[number][] => [
      [`clockTolerance ${value}`, { clockTolerance: value }, 'clockTolerance'],
      [`cacheSeconds ${value}`, { cacheSeconds: value }, 'cacheSeconds'],
      [`timeout ${value}`, { timeout: value }, 'timeout'],
    ]),
    ['a tolerance that lets expired tokens live', { clockTolerance: 301 }, 'clockTolerance'],
    ['no time at all', { timeout: 0 }, 'timeout'],
  ]
  for (const [what, options, option] of wrong)
    it(`${what} is told at once`, () => {
      const make = () => settled({ ...good, ...options } as VerifierOptions)
      expect(make).to.throw(TypeError, new RegExp(`^createVerifier: ${option} must be `))
      expect(make).to.not.throw(/secret|csk_0/)
    })

  it('has a default for all but whom to believe, also where undefined is given', () => {
    const { report, fetch, now, elapsed, ...rest } = settled({
      ...good,
      ...({ audience: undefined, report: undefined, fetch: undefined, timeout: undefined } as object),
    })
    expect(rest).to.deep.equal({ ...good, cacheSeconds: 1, clockTolerance: 5, timeout: 5000 })
    for (const each of [report, fetch, now, elapsed]) expect(each).to.be.a('function')
  })

  it('takes the bounds themselves, and a slash at the end of the URL for nothing', () => {
    const edge = { cacheSeconds: 0, clockTolerance: 300, timeout: 60_000 }
    expect(settled({ ...good, ...edge, url: 'https://id.example/base//' })).to.include({
      ...edge,
      url: 'https://id.example/base',
    })
  })
})
