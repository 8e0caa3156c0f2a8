/**
 * The snippets of config/presets, filled in by the service and pasted into a shell: each comes back with an access token.
 * What a platform gives to its jobs stands beside it: variables, programs that print a token, a server on loopback.
 */
import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { parse } from 'yaml'
import type { Snippet } from '../../src/server/trust/preset.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type Service, startService } from '../support/server.ts'
import { claimsIn, createWorld, must, type World } from '../support/world.ts'

describe('journey: snippets of presets', () => {
  let provider: Provider
  let service: Service
  let world: World
  let platform: Server
  let folder: string
  const asked: { pass: string | undefined; audience: string | null }[] = []
  before(async () => {
    provider = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
    platform = createServer((req, res) => {
      const audience = new URL(req.url ?? '', 'http://x').searchParams.get('audience')
      asked.push({ pass: req.headers.authorization, audience })
      res.end(JSON.stringify({ value: world.token() }))
    })
    await new Promise<void>((resolve) => platform.listen(0, '127.0.0.1', resolve))
    folder = mkdtempSync(join(tmpdir(), 'countersign-snippets-'))
    // All that a snippet wants of jq: one member of an object, without its quotes; without it, the end, and on stderr what
    // came in its place. With -e, nothing is an error too.
    writeFileSync(
      join(folder, 'jq'),
      `#!${process.execPath}
const [options, member, , otherwise] = process.argv.slice(2).flatMap((word) => word.split(' '))
const text = require('node:fs').readFileSync(0, 'utf8')
if (text === '') process.exit(options.includes('e') ? 4 : 0)
const value = JSON.parse(text)[member.slice(1)] ?? null
if (value === null && otherwise === 'halt_error') {
  process.stderr.write(text)
  process.exit(5)
}
console.log(value)
`,
      { mode: 0o700 },
    )
  })
  after(async () => {
    rmSync(folder, { recursive: true, force: true })
    platform?.close()
    await service?.close()
    await provider?.close()
  })

  function program(name: string, text: string): void {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(folder, name), 0o700)
  }
  /** A program that prints a token, and keeps what it was asked with. */
  const printing = (name: string, before = '') =>
    program(name, `echo "$@" > "${join(folder, 'asked')}"\nprintf '${before}%s\\n' '${world.token()}'`)
  const snippet = async (preset: string, title: RegExp): Promise<string> => {
    const { snippets } = await must(world.api('GET', `/presets/${preset}?service_account=ml/trainer`))
    return (snippets as Snippet[]).find((one) => title.test(one.title))?.text ?? ''
  }
  async function pasted(text: string, env: Record<string, string> = {}): Promise<string> {
    const script = `set -euo pipefail\n${text}\nprintf %s "\${ACCESS_TOKEN-}"`
    const { stdout, stderr } = await promisify(execFile)('bash', ['--norc', '-c', script], {
      env: { PATH: `${folder}:${process.env.PATH}`, ...env },
    })
    expect(stderr).to.equal('')
    return stdout
  }
  const isAccess = (token: string) => expect(claimsIn(token)).to.include({ org: 'acme', name: 'trainer' })

  for (const [preset, title, variable, job] of [
    ['custom', /./, 'SUBJECT_TOKEN', (text: string) => text],
    ['hcp-terraform', /program/, 'TFC_WORKLOAD_IDENTITY_TOKEN', (text: string) => text],
    ['gitlab', /./, 'COUNTERSIGN_ID_TOKEN', (text: string) => parse(text).train.script[0]],
    ['bitbucket', /./, 'BITBUCKET_STEP_OIDC_TOKEN', (text: string) => parse(text)[0].step.script[0]],
  ] as const)
    it(`${preset}: from a variable`, async () => {
      isAccess(await pasted(job(await snippet(preset, title)), { [variable]: world.token() }))
    })

  for (const [preset, name, before] of [
    ['buildkite', 'buildkite-agent', ''],
    ['aws', 'aws', ''],
    ['spiffe', 'spire-agent', 'token(spiffe://octo.example/x):\\n\\t'],
  ] as const)
    it(`${preset}: from a program`, async () => {
      printing(name, before)
      isAccess(await pasted(await snippet(preset, preset === 'aws' ? /role/ : /./)))
      expect(readFileSync(join(folder, 'asked'), 'utf8')).to.contain(world.audience)
    })

  it('circleci: from a program, for its step', async () => {
    printing('circleci')
    const [{ run }] = parse(await snippet('circleci', /./))
    isAccess(await pasted(run.command))
    expect(readFileSync(join(folder, 'asked'), 'utf8')).to.contain(`{"aud":"${world.audience}"}`)
  })

  it('github: from a server, masked, for its step', async () => {
    const job = parse(await snippet('github', /./))
    expect(job.permissions['id-token']).to.equal('write')
    const out = await pasted(job.steps[0].run, {
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${(platform.address() as AddressInfo).port}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
    })
    const [masked = '', token = ''] = out.split('\n')
    isAccess(token)
    expect(masked).to.equal(`::add-mask::${token}`)
    expect(asked).to.deep.equal([{ pass: 'Bearer request-token', audience: world.audience }])
  })

  it('a refusal ends the step, in a shell too that asks no pipe but for its end, and says why', async () => {
    const job = parse(await snippet('github', /./))
    const refused = { SUBJECT_TOKEN: world.token({ sub: 'somebody else' }) }
    for (const [text, env, reason] of [
      [await snippet('custom', /./), refused, /"reason":"no_account_matches","request_id":"req_/],
      [job.steps[0].run, { ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1:1/?a=b' }, /"reason":"parameter_missing"/],
      [
        (await snippet('custom', /./)).replaceAll(service.publicUrl, 'http://127.0.0.1:1'),
        refused,
        /Failed to connect|Couldn/,
      ],
    ] as const) {
      const going = promisify(execFile)('bash', ['--norc', '-e', '-c', `${text}\necho 'goes on'`], {
        env: { PATH: `${folder}:${process.env.PATH}`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token', ...env },
      })
      const ended = await going.catch((error) => error as { stdout: string; stderr: string })
      expect(ended.stdout).to.not.contain('goes on')
      expect(ended.stderr).to.match(reason)
    }
    const { items } = await must(world.api('GET', '/presets?service_account=ml/trainer'))
    for (const { text, title } of (items as { snippets: Snippet[] }[]).flatMap(({ snippets }) => snippets))
      if (text.includes('jq ')) expect(text, title).to.match(/jq -er '\.access_token \/\/ halt_error'\)/)
  })

  it('kubernetes: from a file', async () => {
    const file = join(folder, 'token')
    writeFileSync(file, `${world.token()}\n`)
    const text = await snippet('kubernetes', /container/)
    expect(text).to.contain('@/var/run/secrets/countersign/token')
    isAccess(await pasted(text.replace('/var/run/secrets/countersign/token', file)))
    const pod = parse(await snippet('kubernetes', /pod/)).spec
    expect(pod.volumes[0].projected.sources[0].serviceAccountToken.audience).to.equal(world.audience)
  })

  it('all of the shell and of YAML can be read', async () => {
    const { items } = await must(world.api('GET', '/presets'))
    for (const { snippets } of items as { snippets: Snippet[] }[])
      for (const { language, text, title } of snippets) {
        if (language === 'yaml') expect(parse(text), title).to.be.an.instanceOf(Object)
        if (language === 'sh') await promisify(execFile)('bash', ['-n', '-c', text])
      }
  })
})
