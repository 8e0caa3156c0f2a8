/**
 * Where the jobs of docs/how-to/providers run: the stand-ins of test/support/platforms, as a shell sees them. What a machine of
 * a cloud has at a fixed address is reached by a `curl` that knows where that is here.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Environment, Surroundings } from '../../../src/client/surroundings.ts'
import type { Provider } from '../identity-provider.ts'
import { startAws } from '../platforms/aws.ts'
import { startAppService, startAzureMachine } from '../platforms/azure.ts'
import { startAzurePipelines } from '../platforms/azure-pipelines.ts'
import { startBitbucket } from '../platforms/bitbucket.ts'
import { startBuildkite } from '../platforms/buildkite.ts'
import { startCircleci } from '../platforms/circleci.ts'
import { documentedClaims } from '../platforms/documented-claims.ts'
import { startFly } from '../platforms/fly.ts'
import { startGcp } from '../platforms/gcp.ts'
import { startGithubActions } from '../platforms/github-actions.ts'
import { startGitlab } from '../platforms/gitlab.ts'
import { startHcpTerraform } from '../platforms/hcp-terraform.ts'
import { startPod } from '../platforms/kubernetes.ts'
import { flagsOf, startProgram } from '../platforms/program.ts'
import { startSpiffe } from '../platforms/spiffe.ts'
import { startVercel } from '../platforms/vercel.ts'
import type { platformNames } from './pages.ts'
import { caseOf } from './provider-blocks.ts'

export type PlatformName = (typeof platformNames)[number]
export type JobPlatform = {
  env: Environment
  /** Where the job is no process of this machine: as @countersign/client sees it. */
  surroundings?: Surroundings
  /** The request that a function answers. */
  request?: { headers: Headers }
  /** What `curl` calls, and what that is here. */
  curl?: Record<string, string>
  /** Files that stand elsewhere here. */
  files?: Record<string, string>
  close(): Promise<void>
}
type Ask = { provider: Provider; audience: string; folder: string }
type Start = (ask: Ask) => Promise<JobPlatform>

const nothing = async () => {}

/** Requests to these origins, as the machine answers them. */
async function doorTo({ fetch, ask }: Surroundings, at: { origin?: string; socket?: string; path?: string }) {
  const server: Server = createServer(async (req, res) => {
    let body = ''
    for await (const piece of req.setEncoding('utf8')) body += piece
    const { host: _host, connection: _connection, 'content-length': _length, ...headers } = req.headers
    const given = { method: req.method ?? 'GET', headers: headers as Record<string, string> }
    const signal = AbortSignal.timeout(10_000)
    if (at.socket !== undefined) {
      const { status, text } = await ask(at.socket, { ...given, path: req.url ?? '/', body, signal })
      return void res.writeHead(status).end(text)
    }
    const answer = await fetch(`${at.origin}${req.url}`, { ...given, ...(body !== '' && { body }), signal })
    res.writeHead(answer.status).end(await answer.text())
  })
  await new Promise<void>((resolve) =>
    at.path ? server.listen(at.path, resolve) : server.listen(0, '127.0.0.1', resolve),
  )
  return {
    origin: at.path ?? `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const all =
  (...closed: readonly { close(): Promise<void> }[]) =>
  async () => {
    await Promise.all(closed.map((one) => one.close()))
  }

export const startPlatform: Record<PlatformName, Start> = {
  github: ({ provider }) => startGithubActions(provider, { claims: caseOf('github').claims }),
  gitlab: ({ provider, audience }) => startGitlab(provider, { idTokens: { COUNTERSIGN_ID_TOKEN: audience } }),
  circleci: ({ provider }) => startCircleci(provider),
  buildkite: ({ provider }) => startBuildkite(provider),
  bitbucket: ({ provider, audience }) => startBitbucket(provider, { oidc: { audiences: [audience] } }),
  'azure-pipelines': ({ provider }) => startAzurePipelines(provider),
  'hcp-terraform': ({ provider, audience }) => {
    const names = ['TFC_WORKLOAD_IDENTITY_AUDIENCE', 'TFC_WORKLOAD_IDENTITY_AUDIENCE_COUNTERSIGN']
    return startHcpTerraform(provider, { variables: Object.fromEntries(names.map((name) => [name, audience])) })
  },
  async vercel({ provider }) {
    const { surroundings, headers, close } = await startVercel(provider)
    return { env: surroundings.env, surroundings, request: { headers: new Headers(headers()) }, close }
  },
  async fly({ provider, folder }) {
    const platform = await startFly(provider)
    const { surroundings } = platform
    const door = await doorTo(surroundings, { socket: '/.fly/api', path: join(folder, 'fly') })
    return { env: surroundings.env, surroundings, curl: { '/.fly/api': door.origin }, close: all(platform, door) }
  },
  async kubernetes({ provider, audience }) {
    const { surroundings } = startPod(provider, { audience })
    const path = '/var/run/secrets/countersign/token'
    return {
      env: surroundings.env,
      surroundings,
      files: { [path]: String(surroundings.files[path]) },
      close: nothing,
    }
  },
  async gcp({ provider }) {
    const platform = await startGcp(provider)
    const { surroundings, origin, close } = platform
    const curl = { 'http://metadata.google.internal': origin }
    return { env: { GCE_METADATA_HOST: new URL(origin).host }, surroundings, curl, close }
  },
  async entra({ provider }) {
    const ask = { applications: ['api://countersign'] }
    const app = await startAppService(provider, ask)
    const vm = await startAzureMachine(provider, ask)
    const door = await doorTo(vm.surroundings, { origin: 'http://169.254.169.254' })
    return {
      env: app.surroundings.env,
      curl: { 'http://169.254.169.254': door.origin, 'resource=RESOURCE': 'resource=api://countersign' },
      close: all(app, vm, door),
    }
  },
  async aws({ provider }) {
    const platform = await startAws(provider)
    const program = await startProgram('aws', ([sts, call, ...rest]) => {
      if (sts !== 'sts' || call !== 'get-web-identity-token')
        return { code: 252, stderr: 'aws: [ERROR]: no such command\n' }
      const known = ['--audience', '--signing-algorithm', '--duration-seconds', '--query', '--output']
      const flags = flagsOf(rest, known)
      if (flags?.get('--query')?.[0] !== 'WebIdentityToken') return { code: 252, stderr: 'aws: [ERROR]: options\n' }
      return { stdout: `${provider.token({ ...documentedClaims('aws'), aud: flags.get('--audience')?.[0] })}\n` }
    })
    const { env } = platform.lambda()
    const [sts] = Object.entries(platform.routes).find(([origin]) => origin.startsWith('https://sts.')) ?? []
    return {
      env: { ...env, AWS_ENDPOINT_URL_STS: platform.routes[String(sts)], PATH: program.PATH },
      close: all(platform, program),
    }
  },
  async spiffe({ provider, audience }) {
    const { surroundings } = startSpiffe(provider, { audience })
    const program = await startProgram('spire-agent', ([api, fetch, jwt, flag, aud]) => {
      if (api !== 'api' || fetch !== 'fetch' || jwt !== 'jwt' || flag !== '-audience')
        return { code: 1, stderr: 'usage\n' }
      const token = provider.token({ ...documentedClaims('spiffe'), jti: undefined, aud: [aud] })
      return {
        stdout: `token(spiffe://initech.example/ns/prod/sa/trainer):\n\t${token}\nbundle(spiffe://initech.example):\n\t{}\n`,
      }
    })
    const path = '/run/spiffe/countersign.jwt'
    return {
      env: { PATH: program.PATH },
      surroundings,
      files: { [path]: String(surroundings.files[path]) },
      close: all(program),
    }
  },
  async custom({ provider, audience }) {
    const token = provider.token({ ...caseOf('custom').claims, aud: audience })
    const path = '/run/identity/token'
    return {
      env: { SUBJECT_TOKEN: token },
      files: { [path]: `${token}\n` },
      close: nothing,
    }
  },
}
