import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { countersign } from '../support/command.ts'
import { root } from '../support/server.ts'

describe('countersign version', () => {
  it('prints the version of package.json, and that alone', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(await countersign(['version'])).to.deep.equal({ code: 0, stdout: `${version}\n`, stderr: '' })
  })
})
