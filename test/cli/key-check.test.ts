import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'chai'
import { formatApiKey } from '../../src/server/accounts/api-key.ts'
import { bareEnv, root } from '../support/server.ts'

const good = formatApiKey(Buffer.alloc(32, 5))
const swapped = good.endsWith('0') ? `${good.slice(0, -1)}1` : `${good.slice(0, -1)}0`

function check(input: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'bin/countersign.js'), 'key', 'check', ...args],
    { input, env: bareEnv, encoding: 'utf8' },
  )
  return { status, out: stdout.trim().split('\n'), stderr }
}

describe('countersign key check', () => {
  it('knows a key by its form and checksum, asks nobody, and shows no more than a hint', () => {
    const { status, out, stderr } = check(`${good}\n`)
    expect({ status, out }).to.deep.equal({
      status: 0,
      out: [`ok      ${good.slice(0, 8)}…${good.slice(-4)}  is an API key of Countersign`],
    })
    expect(stderr).to.contain('nobody was asked')
  })

  it('takes it as an argument too', () => {
    expect(check('', good).status).to.equal(0)
  })

  for (const [what, text, says] of [
    ['one mistyped character', swapped, 'its checksum does not fit'],
    ['another prefix', `ghp_${good.slice(4)}`, 'it does not begin with csk_'],
    ['a cut one', good.slice(0, -1), 'it has 52 characters, and a key has 53'],
    ['other characters', `${good.slice(0, -1)}-`, 'something else than letters and digits'],
  ] as const)
    it(`says why it is none: ${what}`, () => {
      const { status, out } = check(text)
      expect(status).to.equal(1)
      expect(out[0])
        .to.match(/^no {6}/)
        .and.contain(says)
      expect(out[0]).to.not.contain(text)
    })

  it('of several it says so of each, in their order, and fails for one', () => {
    const { status, out } = check(`${good}\n\n  ${swapped}  \n`)
    expect(status).to.equal(1)
    expect(out.map((line) => line.slice(0, 2))).to.deep.equal(['ok', 'no'])
  })

  it('without any it was called wrongly', () => {
    expect(check('').status).to.equal(2)
  })
})
