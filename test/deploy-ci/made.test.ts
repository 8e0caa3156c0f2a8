/** What is made of sources and kept beside them is what they make: a tag is taken as it is, and nobody builds it. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { root } from '../support/server.ts'
import { tempDir } from '../support/temp-dir.ts'

describe('deploy/ci: what is made of sources', () => {
  const folder = tempDir()
  const run = (script: string, to: string) =>
    expect(spawnSync(process.execPath, [join(root, 'bin', script), to]).status).to.equal(0)
  const isSame = (one: string, other: string) => readFileSync(one, 'utf8') === readFileSync(other, 'utf8')

  it('the Action: else `npm run bundle:action`', () => {
    const fresh = join(folder(), 'index.mjs')
    run('bundle-action.js', fresh)
    expect(isSame(join(root, 'deploy/ci/github/index.mjs'), fresh), 'npm run bundle:action').to.equal(true)
  })

  it('countersign.sh in the pieces that have it in them: else `npm run embed:shell`', () => {
    run('embed-shell.js', folder())
    const files = readdirSync(folder(), { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w+$/.test(name))
    expect(files).to.have.lengthOf(3)
    for (const file of files) expect(isSame(join(root, file), join(folder(), file)), file).to.equal(true)
    const orb = readFileSync(join(folder(), 'deploy/ci/circleci/orb.yml'), 'utf8')
    expect(orb.match(/^ +countersign_exchange\(\) \($/gm)).to.have.lengthOf(2)
  })
})
