/** The image and the manifests, held to what the repository has: no Docker is needed to find out that they are wrong. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'
import { countersign } from './support/command.ts'
import { type Instruction, readDockerfile, type Stage } from './support/dockerfile.ts'
import { buildImage, type Image } from './support/image.ts'
import { bareEnv, call, root, startService } from './support/server.ts'

const read = (path: string) => readFileSync(join(root, path), 'utf8')
const { scripts, version } = JSON.parse(read('package.json')) as { scripts: Record<string, string>; version: string }
const settings = Object.keys(parse(read('config/default.yaml')))
const stages = readDockerfile(join(root, 'Dockerfile'))
const last = stages.at(-1) as Stage
const all = stages.flatMap(({ instructions }) => instructions)
const only = (name: string) => last.instructions.filter((instruction) => instruction.name === name)
const one = (name: string) => only(name)[0] as Instruction
const environment = Object.fromEntries(one('ENV').words.map((word) => word.split('=') as [string, string]))
const user = one('USER').text.split(':').map(Number)

describe('the Dockerfile', () => {
  it('has instructions that exist', () => {
    const known = 'ARG CMD COPY ENTRYPOINT ENV EXPOSE HEALTHCHECK LABEL RUN USER VOLUME WORKDIR'.split(' ')
    expect(all.filter(({ name }) => !known.includes(name))).to.deep.equal([])
  })

  it('builds on the Node.js that package.json asks for', () => {
    const { engines } = JSON.parse(read('package.json'))
    for (const { base } of stages) {
      const [, major] = /^node:(\d+)-slim$/.exec(base) ?? []
      expect(Number(major)).to.be.at.least(Number(engines.node.replace('>=', '')))
    }
  })

  it('copies what is there, and what .dockerignore lets in', () => {
    const letIn = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1))
    const sources = all
      .filter(({ name, flags }) => name === 'COPY' && !flags.from)
      .flatMap(({ words }) => words.slice(0, -1))
    expect(sources.filter((source) => !existsSync(join(root, source)))).to.deep.equal([])
    expect(sources.filter((source) => !letIn.includes(source))).to.deep.equal([])
    expect(letIn.filter((path) => !sources.includes(path))).to.deep.equal([])
  })

  it('takes from an earlier stage only what its commands make', () => {
    const makes = (command: string) =>
      /^npm ci/.test(command) ? ['node_modules'] : /^npm run build/.test(command) ? ['dist'] : []
    for (const { flags, words } of last.instructions.filter(({ flags }) => flags.from)) {
      const stage = stages.find(({ name }) => name === flags.from) as Stage
      const made = stage.instructions
        .filter(({ name }) => name === 'RUN')
        .flatMap(({ text }) => text.split(' && ').flatMap(makes))
      for (const source of words.slice(0, -1)) expect(made).to.include(source.replace('/app/', ''))
    }
    expect(JSON.parse(read('tsconfig.build.json')).compilerOptions.outDir).to.equal('dist')
  })

  it('runs npm scripts that exist, and leaves no npm in the last stage', () => {
    const named = all.flatMap(({ text }) =>
      [...text.matchAll(/npm run ([\w-]+)/g)].map(([, script]) => script as string),
    )
    expect(named.filter((script) => !(script in scripts))).to.deep.equal([])
    const [clean, ...others] = only('RUN')
    expect(others).to.deep.equal([])
    expect(clean?.text).to.match(/rm -rf .*\/usr\/local\/bin\/npm .*\/usr\/local\/bin\/npx/)
  })

  it('runs as a user that is not root, who owns the data folder', () => {
    expect(user).to.have.lengthOf(2)
    for (const id of user) expect(id).to.be.greaterThan(0)
    expect(one('RUN').text).to.include(`install -d -o ${user[0]} -g ${user[1]} -m 0700 ${environment.DATA_DIR}`)
    expect(one('VOLUME').words).to.deep.equal([environment.DATA_DIR])
  })

  it('sets settings that exist, and exposes the port it listens on', () => {
    const ofThePlatform = ['NODE_ENV', 'NODE_DISABLE_COMPILE_CACHE', 'NODE_OPTIONS', 'MALLOC_ARENA_MAX']
    expect(
      Object.keys(environment).filter((name) => !settings.includes(name) && !ofThePlatform.includes(name)),
    ).to.deep.equal([])
    expect(environment).to.include({ HOST: '0.0.0.0' })
    expect(one('EXPOSE').text).to.equal(environment.PORT)
  })

  it('starts and checks files that it has, without a shell', () => {
    for (const { exec, words } of [one('ENTRYPOINT'), one('HEALTHCHECK')]) {
      expect(exec).to.equal(true)
      expect(words[0]).to.equal('node')
      const file = words.find((word) => word.startsWith('/app/'))
      expect(existsSync(join(root, String(file).replace('/app/', '')))).to.equal(true)
    }
    expect(one('CMD').words).to.deep.equal(['serve'])
    expect(read('Dockerfile')).to.include(`ARG VERSION=${version}\n`)
  })
})

describe('the image, as a folder', () => {
  let image: Image
  before(function () {
    this.timeout(180_000)
    image = buildImage()
  })
  after(() => image?.close())

  const files = () => readdirSync(image.at, { recursive: true, encoding: 'utf8' }).sort()
  const env = { NODE_ENV: 'production', NODE_DISABLE_COMPILE_CACHE: '1', TMPDIR: '/dev/null/none' }
  const healthcheck = async (more: Record<string, string>) => {
    const child = spawn(process.execPath, [join(image.at, 'deploy/healthcheck.js')], { env: { ...bareEnv, ...more } })
    const [code] = await once(child, 'exit')
    return code
  }

  it('serves from what was built, writes nothing beside its data, and is found healthy until it ends', async () => {
    expect(existsSync(join(image.at, 'src'))).to.equal(false)
    const before = files()
    const service = await startService({ at: image.at, env: { ...env, HOST: '0.0.0.0' } })
    try {
      const { port } = new URL(service.url)
      expect((await call({ url: `http://127.0.0.1:${port}` }, 'GET', '/readyz')).body).to.include({ status: 'ok' })
      expect(await healthcheck({ HOST: '0.0.0.0', PORT: port })).to.equal(0)
      expect(await service.stop()).to.equal(0)
      expect(await healthcheck({ HOST: '0.0.0.0', PORT: port })).to.equal(1)
    } finally {
      await service.close()
    }
    expect(files()).to.deep.equal(before)
  })

  it('has the other commands too', async () => {
    expect(await countersign(['version'], env, undefined, image.at)).to.include({ code: 0, stdout: `${version}\n` })
  })

  it('says in plain words that the demo needs a checkout', async () => {
    expect(await countersign(['demo'], env, undefined, image.at)).to.deep.include({
      code: 1,
      stderr:
        'countersign: demo: the demo needs the package oidc-provider, which only a checkout has: run npm ci there, then npm run demo\n',
    })
  })
})
