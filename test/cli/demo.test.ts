import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { countersign, type Said } from '../support/command.ts'

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('countersign demo', () => {
  let said: Said
  before(async () => {
    said = await countersign(['demo'])
  })

  it('does every step, in order, and ends with 0', () => {
    expect(said.stderr).to.equal('')
    expect(said.code).to.equal(0)
    const numbers = [...said.stdout.matchAll(/^ ?(\d+)\. /gm)].map(([, number]) => Number(number))
    expect(numbers).to.deep.equal(Array.from({ length: 12 }, (_, index) => index + 1))
  })

  it('shows each refusal with its reason, and its line of the audit trail', () => {
    for (const [title, reason, org] of [
      ['an expired token', 'token_expired', 'acme'],
      ['a token that was meant for somebody else', 'audience_not_accepted', '\\*'],
      ['another job of the same platform', 'no_account_matches', 'acme'],
    ]) {
      const [, step = ''] = said.stdout.split(`Refused: ${title}\n`)
      expect(step).to.match(new RegExp(`^[^]*?400 \\{"error":"invalid_grant","reason":"${reason}"`))
      expect(step).to.match(new RegExp(`Audit trail: \\S+Z {2}token\\.exchange {2}refused {2}${reason} {2}org ${org} `))
    }
  })

  it('shows no whole token and no whole key', () => {
    expect(said.stdout).to.not.match(/eyJ[\w-]+\.[\w-]+/)
    expect(said.stdout).to.not.match(/csk_\w{8}/)
    expect(said.stdout).to.include('$OPERATOR_KEY')
  })

  it('leaves no process, no open port and no file', async () => {
    const pid = Number(/process (\d+)\)/.exec(said.stdout)?.[1])
    expect(pid).to.be.greaterThan(0)
    expect(alive(pid)).to.equal(false)
    const urls = new Set(said.stdout.match(/http:\/\/127\.0\.0\.1:\d+/g))
    expect(urls).to.have.lengthOf(3)
    for (const url of urls) expect(await fetch(url).catch(({ cause }) => cause.code)).to.equal('ECONNREFUSED')
    const dataDir = /its data +(\S+)/.exec(said.stdout)?.[1] as string
    expect(dataDir).to.match(/countersign-demo-/)
    expect(existsSync(dataDir)).to.equal(false)
  })
  for (const [when, stop] of [
    ['platform  ', 'SIGTERM'],
    ['protected API  ', 'SIGHUP'],
    ['Waiting', 'SIGINT'],
    ['protected API  ', 'nobody reads on'],
  ] as const) {
    it(`ended early at "${when.trim()}" (${stop}), it leaves as little`, async () => {
      const scratch = mkdtempSync(join(tmpdir(), 'countersign-test-'))
      let ended = false
      try {
        const early = await countersign(['demo'], { TMPDIR: scratch }, (child, stdout) => {
          if (ended || !stdout.includes(when)) return
          ended = true
          if (stop === 'nobody reads on') child.stdout?.destroy()
          else child.kill(stop)
        })
        expect(early).to.include({ code: 1, stderr: 'countersign: demo: interrupted\n' })
        expect(early.stdout).to.not.include('Stop everything')
        const pid = Number(/process (\d+)\)/.exec(early.stdout)?.[1] ?? 0)
        if (pid > 0) expect(alive(pid)).to.equal(false)
        expect(readdirSync(scratch).filter((name) => name.startsWith('countersign'))).to.deep.equal([])
      } finally {
        rmSync(scratch, { recursive: true, force: true })
      }
    })
  }
})
