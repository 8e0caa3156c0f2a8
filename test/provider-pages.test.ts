/**
 * docs/how-to/providers: each page's commands are pasted into a shell, and its jobs run where its platform's stand-in is. They
 * reach an API with what they got; no token stands in an argument, or in anything that is printed.
 */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { parse } from 'yaml'
import { type JobPlatform, type PlatformName, startPlatform } from './support/docs/job-platforms.ts'
import { platformNames, providerPage } from './support/docs/pages.ts'
import { example } from './support/docs/provider-blocks.ts'
import { type Provider, startProvider } from './support/identity-provider.ts'
import { leaks } from './support/leaks.ts'
import { type Checkout, likeTheCheckout } from './support/like-the-checkout.ts'
import { call, root, type Service, startService } from './support/server.ts'
import { claimsIn, must } from './support/world.ts'

type Block = { language: string; text: string }

/** The command line looks at fixed addresses there, which are not this machine's to have. */
const withoutCommandLine: readonly PlatformName[] = ['fly', 'kubernetes', 'vercel']
const keysIn = /^(run|command|script)$/
const environmentsIn = /^(env|environment|variables)$/

describe('docs/how-to/providers', () => {
  let service: Service
  before(async () => {
    service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '0' } })
  })
  after(() => service?.close())

  for (const name of platformNames)
    describe(name, () => {
      const page = readFileSync(join(root, providerPage(name)), 'utf8')
      const section = (heading: string): Block[] => {
        const [text = ''] = page.split(`\n## ${heading}\n`)[1]?.split(/^## /m) ?? []
        return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', block = '']) => ({
          language,
          text: block,
        }))
      }
      const [, issuer = ''] = /issuer add (\S+)/.exec(page) ?? []
      let provider: Provider
      let platform: JobPlatform
      let checkout: Checkout
      let admin: Record<string, string>
      const here = (text: string) => text.replaceAll(example.url, service.url)

      before(async () => {
        const made = await startProvider(name === 'aws' ? { alg: 'ES384' } : {})
        provider = { ...made, token: (claims, ask) => made.token({ iss: issuer, ...claims }, ask) }
        checkout = likeTheCheckout()
        const { folder } = checkout
        platform = await startPlatform[name]({ provider, audience: here(example.audience), folder })
        for (const [path, text] of Object.entries(platform.files ?? {})) {
          mkdirSync(dirname(join(folder, path)), { recursive: true })
          writeFileSync(join(folder, path), text)
        }
        mkdirSync(join(folder, 'programs'))
        writeFileSync(join(folder, 'arguments'), '')
        program('programs/countersign', `exec "${process.execPath}" "${folder}/bin/countersign.js" "$@"`)
        // What it is called with, one argument a line; then the real one.
        const moved = Object.entries(platform.curl ?? {}).map(([from, to]) => `a=\${a//'${from}'/'${to}'}`)
        program(
          'programs/curl',
          `args=()\nfor a in "$@"; do printf '%s\\n' "$a" >> "${folder}/arguments"; ${moved.join('; ') || ':'}; args+=("$a"); done\nPATH=\${PATH#*:} exec curl "\${args[@]}"`,
        )
        // What a job is for: it has a token, and an API takes it.
        program(
          'train.sh',
          `printf 'Authorization: Bearer %s\\n' "$(cat "$COUNTERSIGN_ACCESS_TOKEN_FILE")" |\n  curl -sSf -H @- "${service.url}/api/v1/orgs/acme/teams/ml/projects"`,
        )
        const founding = { name: 'acme', first_admin: { username: 'root', email: 'root@acme.example' } }
        const { api_key } = await must(
          call(service, 'POST', '/api/v1/orgs', { secret: service.operatorKey, json: founding }),
        )
        admin = { COUNTERSIGN_URL: service.url, COUNTERSIGN_API_KEY: String(api_key) }
        writeFileSync(join(folder, 'jwks.json'), JSON.stringify(provider.publicJwks()))
        await paste(`countersign team create ml`, admin)
      })
      after(async () => {
        await call(service, 'DELETE', '/api/v1/orgs/acme', { secret: service.operatorKey })
        await platform?.close()
        await provider?.close()
        checkout?.close()
      })

      function program(file: string, text: string) {
        writeFileSync(join(checkout.folder, file), `#!/bin/bash\n${text}\n`)
        chmodSync(join(checkout.folder, file), 0o700)
      }
      const paste = (text: string, env: Record<string, string | undefined>) => {
        const path = env.PATH ?? `${join(root, 'node_modules/.bin')}:${process.env.PATH}`
        return checkout.paste(text, { ...env, PATH: `${join(checkout.folder, 'programs')}:${path}` })
      }
      const moved = (text: string) =>
        Object.entries(platform.files ?? {}).reduce(
          (rest, [path]) => rest.replaceAll(path, `${checkout.folder}${path}`),
          here(text),
        )
      /** What a shell is given: scripts of a job's file, each with its environment. */
      const scriptsOf = ({ language, text }: Block): { script: string; env: Record<string, string> }[] => {
        if (language === 'sh') return [{ script: moved(text), env: {} }]
        if (language !== 'yaml') return []
        return scriptsIn(parse(moved(text)), {})
      }

      it('its issuer and its policy are taken as they stand there', async () => {
        for (const { text } of section('Trust the issuer').filter(({ language }) => language === 'sh'))
          await paste(text.replace('issuer add', 'issuer add --jwks-file jwks.json'), admin)
        for (const { text } of section('Let the job in').filter(({ language }) => language === 'sh')) {
          const { stderr } = await paste(text, admin)
          expect(stderr).to.not.match(/^error/m)
        }
      })

      if (!withoutCommandLine.includes(name))
        it('its job gets a token by the command line', async () => {
          const scripts = section('In the job').flatMap(scriptsOf)
          const ours = scripts.filter(({ script }) => script.includes('countersign '))
          expect(ours).to.not.have.lengthOf(0)
          for (const { script, env } of ours) {
            const { stdout, stderr } = await paste(script, { ...platform.env, ...env })
            expect(stdout).to.contain('"items":')
            // A runner hides what it is told to hide.
            leaks.refuse('what a job prints', stdout, stderr.replace(/^::add-mask::.*$/gm, ''))
          }
        })

      it('its job gets a token in JavaScript', async () => {
        const job = section('In the job')
        const blocks = job.filter(({ language }) => language === 'js')
        expect(blocks).to.not.have.lengthOf(0)
        const set = job.flatMap(scriptsOf).map(({ script, env }) => ({ ...exportsIn(script), ...env }))
        const env = { ...platform.env, ...set.find((one) => Object.keys(one).length > 0) }
        for (const [i, { text }] of blocks.entries()) {
          const file = `job-${i}.mjs`
          const write = (code: string) => writeFileSync(join(checkout.folder, file), code)
          if (platform.surroundings === undefined || name === 'gcp') {
            write(`${here(text)}\nconsole.log(answer.status)\n`)
            expect((await paste(`node ${file}`, env)).stdout).to.equal('200\n')
            continue
          }
          Object.assign(globalThis, { here: platform.surroundings, request: platform.request })
          const there = here(text).replace('createTokenProvider({', 'createTokenProvider({ surroundings: here,')
          write(`${there}\nexport const { status } = answer\n`)
          expect((await import(pathToFileURL(join(checkout.folder, file)).href)).status).to.equal(200)
        }
      })

      it('its job gets a token by curl alone', async () => {
        const blocks = section('With curl alone').filter(({ text }) => text.includes('access_token'))
        expect(blocks).to.not.have.lengthOf(0)
        for (const block of blocks) {
          if (block.language === 'ts') expect(await functionOf(block)).to.include({ org: 'acme', name: 'trainer' })
          for (const { script, env } of scriptsOf(block)) {
            const set = section('In the job')
              .flatMap(scriptsOf)
              .map((one) => one.env)
            const given = { ...platform.env, ...set.find((one) => Object.keys(one).length > 0), ...env }
            const { stdout, stderr } = await paste(`${script}\nprintf '\\n%s' "$ACCESS_TOKEN"`, given)
            expect(stderr).to.equal('')
            expect(claimsIn(stdout.split('\n').at(-1))).to.include({ org: 'acme', name: 'trainer' })
          }
        }
      })

      /** A function at Vercel. What @vercel/oidc does is asked of the stand-in: the package is not here. */
      async function functionOf({ text }: Block) {
        const file = join(checkout.folder, 'function.mjs')
        const token = async ({ audience }: { audience: string }) => {
          const { env, fetch } = platform.surroundings as NonNullable<JobPlatform['surroundings']>
          const body = JSON.stringify({ token: env.VERCEL_OIDC_TOKEN, aud: audience })
          const headers = { 'content-type': 'application/json' }
          const answer = await fetch('https://oidc.vercel.com/~token', { method: 'POST', headers, body })
          return ((await answer.json()) as { token: string }).token
        }
        Object.assign(globalThis, { getVercelOidcToken: token })
        writeFileSync(file, `${here(text).replace(/^import .*$/m, '')}\nexport default access_token\n`)
        return claimsIn((await import(pathToFileURL(file).href)).default)
      }

      it('no token has been an argument', () => {
        leaks.refuse('the arguments of curl', readFileSync(join(checkout.folder, 'arguments'), 'utf8'))
      })
    })
})

/** Of a job's file: every script, with the environments that stand around it. */
function scriptsIn(node: unknown, env: Record<string, string>): { script: string; env: Record<string, string> }[] {
  if (Array.isArray(node)) return node.flatMap((each) => scriptsIn(each, env))
  if (typeof node !== 'object' || node === null) return []
  const entries = Object.entries(node)
  const own = entries
    .filter(([key]) => environmentsIn.test(key))
    .flatMap(([, value]) => Object.entries(value as object))
  // `$(System.AccessToken)` is filled in by the platform.
  const filled = own.filter(([, value]) => !String(value).startsWith('$('))
  const all = { ...env, ...Object.fromEntries(filled.map(([key, value]) => [key, String(value)])) }
  return entries.flatMap(([key, value]) => {
    if (keysIn.test(key) && typeof value === 'string') return [{ script: value, env: all }]
    if (keysIn.test(key) && Array.isArray(value) && value.every((each) => typeof each === 'string'))
      return [{ script: value.join('\n'), env: all }]
    return environmentsIn.test(key) ? [] : scriptsIn(value, all)
  })
}

/** `export NAME=value …` of a script. */
const exportsIn = (script: string): Record<string, string> =>
  Object.fromEntries(
    [...script.matchAll(/^export (.+)$/gm)].flatMap(([, line = '']) =>
      [...line.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
    ),
  )
