/** A command starts quickly because it loads what it needs: of the server nothing, of the packages one or two. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect } from 'chai'
import { processIo } from '../../src/cli/io.ts'
import { createProgram, fillAll } from '../../src/cli/program.ts'
import { root } from '../support/server.ts'

const src = join(root, 'src')

/** Everything that is loaded with these files, before anything runs. */
function loadedWith(...files: string[]): { files: string[]; packages: string[] } {
  const seen = new Set<string>()
  const packages = new Set<string>()
  const open = files.map((file) => join(src, file))
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    for (const [, target = ''] of readFileSync(file, 'utf8').matchAll(
      /^(?:import|export) (?!type )(?:[\w*{][^'"]*? from )?'([^']+)'/gm,
    ))
      if (target.startsWith('.')) open.push(resolve(dirname(file), target))
      else if (!target.startsWith('node:')) packages.add(target)
  }
  return { files: [...seen].map((file) => relative(src, file)), packages: [...packages].sort() }
}

describe('what commands say of others', () => {
  it('names none that is not there', async () => {
    const program = createProgram(processIo(), () => {})
    await fillAll(program)
    const missing: string[] = []
    for (const file of globSync('cli/**/*.ts', { cwd: src }))
      for (const [said, noun, verb = ''] of readFileSync(join(src, file), 'utf8')
        .replace(/\/\*\*[\s\S]*?\*\//g, '')
        .matchAll(/(?<=['`]|→ | {2})countersign ([a-z][\w-]*)(?: ([a-z][\w-]*))?/g)) {
        const command = program.commands.find((each) => each.name() === noun)
        const needsVerb = command !== undefined && command.commands.length > 0
        if (!command || (needsVerb && !command.commands.some((each) => each.name() === verb)))
          missing.push(`${file}: ${said}`)
      }
    expect(missing).to.deep.equal([])
  })
})

describe('the start of a command', () => {
  const ofJobs = ['token.ts', 'run.ts', 'ambient.ts', 'docker-credential.ts', 'git-credential.ts']
  for (const file of [
    ...ofJobs,
    'nouns/sa.ts',
    'nouns/issuer.ts',
    'nouns/policy.ts',
    'whoami.ts',
    'doctor.ts',
    'api.ts',
  ])
    it(`loads nothing of the server: ${file}`, () => {
      const { files, packages } = loadedWith('cli/main.ts', `cli/${file}`)
      expect(files.filter((each) => each.startsWith('server/'))).to.deep.equal([])
      expect(packages).to.deep.equal(['commander', 'picocolors'])
    })

  it('loads no command but the one that is called', () => {
    const { files } = loadedWith('cli/main.ts')
    expect(files.filter((file) => file.startsWith('cli/nouns/'))).to.deep.equal([])
  })
})
