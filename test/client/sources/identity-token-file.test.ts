import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect } from 'chai'
import { type Provider, startProvider } from '../../support/identity-provider.ts'
import { failure, findIn } from './asked.ts'

describe('client/sources/identity-token-file', () => {
  let provider: Provider
  const folder = mkdtempSync(join(tmpdir(), 'countersign-token-'))
  const path = join(folder, 'token')
  const env = { COUNTERSIGN_IDENTITY_TOKEN_FILE: path }
  before(async () => {
    provider = await startProvider()
  })
  after(async () => {
    rmSync(folder, { recursive: true })
    await provider?.close()
  })

  it('reads the file anew each time, through a rename', async () => {
    for (const sub of ['one', 'two']) {
      const token = provider.token({ sub })
      writeFileSync(`${path}.new`, `${token}\n`)
      renameSync(`${path}.new`, path)
      expect(await findIn(env)).to.deep.include({ token, type: 'jwt', source: 'identity-token-file' })
    }
  })

  it('comes before a token in a variable, and both before an API key', async () => {
    writeFileSync(path, provider.token())
    const both = { ...env, COUNTERSIGN_IDENTITY_TOKEN: provider.token() }
    expect((await findIn(both)).source).to.equal('identity-token-file')
  })

  it('says what is wrong with the file', async () => {
    const none = join(folder, 'none')
    const missing = await failure(findIn({ COUNTERSIGN_IDENTITY_TOKEN_FILE: none }))
    expect(missing.message).to.equal(`identity-token-file: there is no file ${none}`)
    const relative = await failure(findIn({ COUNTERSIGN_IDENTITY_TOKEN_FILE: 'no-such-file' }))
    expect(relative.message).to.equal('identity-token-file: there is no file no-such-file')
    const token = provider.token()
    for (const slip of [token, 'cs_acme_of-forty-characters-or-so-and-no-path']) {
      const error = await failure(findIn({ COUNTERSIGN_IDENTITY_TOKEN_FILE: slip }))
      expect(inspect(error, { depth: 9 })).to.not.contain(slip.slice(-24))
      expect(error.hint).to.contain('a token itself goes into COUNTERSIGN_IDENTITY_TOKEN')
    }
    const long = await failure(findIn({ COUNTERSIGN_IDENTITY_TOKEN_FILE: 'x'.repeat(5000) }))
    expect(long.message).to.equal('identity-token-file: there is no file (what stands there is no path)')
    const unreadable = await failure(
      findIn(env, {}, { readFile: () => Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' })) }),
    )
    expect(unreadable.message).to.equal(`identity-token-file: ${path} cannot be read (EACCES)`)
    expect(unreadable.hint).to.contain('may not read it')
    writeFileSync(path, '\n')
    expect(await failure(findIn(env))).to.include({ code: 'subject_token_empty' })
    writeFileSync(path, 'x'.repeat(1_048_577))
    expect((await failure(findIn(env))).message).to.contain('cannot be read')
    const old = provider.token({ exp: 1_700_000_000 })
    writeFileSync(path, old)
    const expired = await failure(findIn(env))
    expect(expired).to.include({ code: 'subject_token_expired' })
    expect(expired.hint).to.contain('has stopped writing')
    expect(inspect(expired)).to.not.contain(old.slice(-40))
  })
})
