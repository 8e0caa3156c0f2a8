import { expect } from 'chai'
import { loadPresets } from '../../../src/server/presets.ts'
import type { Preset, PresetIssuer } from '../../../src/server/trust/preset.ts'
import { createPresets } from '../../../src/server/trust/preset-of.ts'

describe('trust/preset-of', () => {
  const presets = loadPresets()

  const known: [url: string, name: string | undefined, shared: boolean][] = [
    ['https://token.actions.githubusercontent.com', 'github', true],
    ['https://token.actions.githubusercontent.com/acme', 'github', false],
    ['https://token.actions.acme.ghe.com', 'github', false],
    ['https://token.actions.acme.ghe.com/acme', 'github', false],
    ['https://github.corp.example/_services/token', 'github', false],
    ['https://github.corp.example:8443/_services/token', 'github', false],
    ['https://gitlab.com', 'gitlab', true],
    ['https://oidc.circleci.com', 'circleci', true],
    ['https://oidc.circleci.com/org/0d9e0a52-5b54-4c42-8d8c-3a2f6a3b7c10', 'circleci', false],
    ['https://agent.buildkite.com', 'buildkite', true],
    ['https://app.terraform.io', 'hcp-terraform', true],
    ['https://oidc.vercel.com', 'vercel', true],
    ['https://oidc.vercel.com/acme', 'vercel', false],
    ['https://accounts.google.com', 'gcp', true],
    // Near, and somebody else's.
    ['https://token.actions.githubusercontent.com/', undefined, false],
    ['https://token.actions.githubusercontent.com/acme/more', undefined, false],
    ['https://token.actions.githubusercontent.com.evil.example', undefined, false],
    ['https://tokenXactions.githubusercontent.com', undefined, false],
    ['https://Token.actions.githubusercontent.com', undefined, false],
    ['http://token.actions.githubusercontent.com', undefined, false],
    ['https://token.actions.evil.example/x.ghe.com', undefined, false],
    ['https://token.actions.a.b.ghe.com', undefined, false],
    ['https://evil.example/_services/token/more', undefined, false],
    ['https://evil.example/x/_services/token', undefined, false],
    ['https://a@evil.example/_services/token', undefined, false],
    ['https://gitlab.com/', undefined, false],
    ['https://gitlab.corp.example', undefined, false],
    ['https://oidc.vercel.com/', undefined, false],
    ['https://oidc.vercel.com/acme?x=1', undefined, false],
    ['https://login.microsoftonline.com/x/y/v2.0', undefined, false],
    ['https://sts.windows.net/tenant', undefined, false],
    ['x https://gitlab.com', undefined, false],
    ['https://gitlab.com\n', undefined, false],
    ['', undefined, false],
  ]
  for (const [url, name, shared] of known)
    it(`${JSON.stringify(url)} is ${name ?? "nobody's"}${shared ? ', and shared' : ''}`, () => {
      expect(presets.of(url)?.name).to.equal(name)
      expect(presets.isShared(url)).to.equal(shared)
    })

  it('finds each by its name, and nothing else', () => {
    for (const preset of presets.all) expect(presets.find(preset.name)).to.equal(preset)
    expect(presets.find('constructor')).to.equal(undefined)
  })

  it('goes by what the URL says before what it is registered as', () => {
    expect(presets.isShared('https://gitlab.com', 'custom')).to.equal(true)
    expect(presets.isShared('https://gitlab.corp.example', 'gitlab')).to.equal(false)
    expect(presets.isShared('https://anything.example', 'github')).to.equal(false)
  })

  it('asks the URL that says more first, and keeps to the named preset where the URL does not tell', () => {
    const issuer = (url: string, shared: boolean, recognized = true): PresetIssuer => ({
      url,
      is: '',
      shared,
      recognized,
    })
    const preset = (name: string, ...issuers: PresetIssuer[]) => ({ name, issuers }) as unknown as Preset
    const some = createPresets([
      preset('wide', issuer('https://idp.example/{tenant}', false)),
      preset('exact', issuer('https://idp.example/all', true)),
      preset('own', issuer('https://{host}', true, false)),
    ])
    expect(some.of('https://idp.example/all')?.name).to.equal('exact')
    expect(some.of('https://idp.example/acme')?.name).to.equal('wide')
    expect(some.of('https://own.example')).to.equal(undefined)
    expect(some.isShared('https://own.example', 'own')).to.equal(true)
    expect(some.isShared('https://own.example', 'wide')).to.equal(false)
    expect(some.isShared('https://own.example')).to.equal(false)
  })

  it('is not slowed by a URL made for it', () => {
    const from = performance.now()
    for (const tail of ['a'.repeat(2_000), '-'.repeat(2_000), '/'.repeat(2_000), '.ghe.com'.repeat(250)])
      expect(presets.of(`https://token.actions.${tail}`)).to.equal(undefined)
    expect(performance.now() - from).to.be.lessThan(200)
  })
})
