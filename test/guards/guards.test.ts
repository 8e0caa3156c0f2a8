/** The list of guards is true: each is where it is looked for. That it is missed by its test is shown by `npm run guards`. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { root } from '../support/server.ts'
import { guards } from './guards.ts'

describe('the guards of docs/explanation/security.md', () => {
  const textOf = (file: string) => readFileSync(join(root, file), 'utf8')

  it('stand once where they are looked for', () => {
    const lost = guards.filter(({ file, cut }) => textOf(file).split(cut).length !== 2)
    expect(lost.map(({ line, file }) => `${line}: ${file}`)).to.deep.equal([])
  })

  it('have a test each', () => {
    expect(guards.filter(({ test }) => !existsSync(join(root, test)))).to.deep.equal([])
  })

  it('have a name each', () => {
    const names = guards.map(({ line }) => line)
    expect(new Set(names).size).to.equal(names.length)
  })

  it('docs/explanation/security.md names no test that is not there, and every test that they stand for', () => {
    const named = [...textOf('docs/explanation/security.md').matchAll(/`(test\/[^`]+\.ts)`/g)].map(
      ([, file]) => file as string,
    )
    expect(named.filter((file) => globSync(file, { cwd: root }).length === 0)).to.deep.equal([])
    expect(guards.filter(({ test }) => !named.includes(test)).map(({ test }) => test)).to.deep.equal([])
  })
})
