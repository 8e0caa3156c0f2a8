/**
 * A job on each platform gets an access token of the running service, with no configuration but the organization's URL and what
 * the platform itself wants to be told. The issuer is registered by the platform's real URL, the account by the policy that
 * the preset recommends; the keys are uploaded, since the platform is a stand-in.
 */
import { expect } from 'chai'
import { createTokenProvider, type SourceName, sourceNames, type TokenProvider } from '../../src/client/index.ts'
import { claimsOf } from '../../src/client/sources/unverified.ts'
import type { Condition } from '../../src/server/trust/policy.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { startAws } from '../support/platforms/aws.ts'
import { startAppService, startAzureMachine } from '../support/platforms/azure.ts'
import { fixedAudience, startAzurePipelines } from '../support/platforms/azure-pipelines.ts'
import { startBitbucket, workspaceAudience } from '../support/platforms/bitbucket.ts'
import { startBuildkite } from '../support/platforms/buildkite.ts'
import { startCircleci } from '../support/platforms/circleci.ts'
import { startFly } from '../support/platforms/fly.ts'
import { startGcp } from '../support/platforms/gcp.ts'
import { startGithubActions } from '../support/platforms/github-actions.ts'
import { startGitlab } from '../support/platforms/gitlab.ts'
import { startHcpTerraform } from '../support/platforms/hcp-terraform.ts'
import { startPod } from '../support/platforms/kubernetes.ts'
import { type Machine, machine } from '../support/platforms/machine.ts'
import { startSpiffe } from '../support/platforms/spiffe.ts'
import { startVercel } from '../support/platforms/vercel.ts'
import { type Service, startService } from '../support/server.ts'
import { createWorld, type World } from '../support/world.ts'
import vectors from '../vectors/presets.json' with { type: 'json' }

type Policy = { subject: string; match?: string; conditions?: readonly Condition[] }
type Platform = { here: Machine; rotate?(): void; close?(): Promise<void> }
type Known = { issuer: string; policy: Policy; preset?: string | undefined }
type Job = {
  what: string
  source: SourceName
  known: Known
  /** Where the platform does not let us ask for one. */
  audiences?: readonly string[]
  alg?: 'RS256' | 'ES384'
  /** The platform, and what its documentation wants set up there. `url`: the organization's. */
  start(provider: Provider, url: string): Promise<Platform>
}

/** What the presets' vectors know of a platform. `issuer`: another one of the same. */
function known(preset: string, title?: string, issuer?: string): Known {
  const found = vectors.cases.find((one) => one.preset === preset && (title === undefined || one.title === title))
  if (!found) throw new Error(`no vector of ${preset} is called ${title}`)
  const policy = found.policy as Policy
  return { issuer: issuer ?? found.issuer, policy, ...('named' in found && { preset }) }
}
const own: Known = { issuer: 'https://ci.example', policy: { subject: 'job-of-our-own' } }
const ofEnv = async ({ env, close }: { env: Machine['env']; close(): Promise<void> }) => ({
  here: machine({ env: { ...env } }),
  close,
})
const ofMachine = ({ surroundings: here, close }: { surroundings: Machine; close(): Promise<void> }) => ({
  here,
  close,
})
async function ofAws(provider: Provider, which: 'ec2' | 'container' | 'lambda' | 'webIdentity', ask = {}) {
  const platform = await startAws(provider)
  return { here: which === 'container' ? platform.container(ask) : platform[which](), close: platform.close }
}
const aws = { source: 'aws', known: known('aws'), alg: 'ES384' } as const
const entra = known('entra', 'a managed identity, whose tokens live for a day and five minutes')

const jobs: readonly Job[] = [
  {
    what: 'GitHub Actions',
    source: 'github-actions',
    known: known('github'),
    start: async (provider) => ofEnv(await startGithubActions(provider)),
  },
  {
    what: 'GitLab, whose job names its tokens (id_tokens)',
    source: 'gitlab',
    known: known('gitlab'),
    start: async (provider, url) => ofEnv(await startGitlab(provider, { idTokens: { COUNTERSIGN_ID_TOKEN: url } })),
  },
  {
    what: 'CircleCI',
    source: 'circleci',
    known: known(
      'circleci',
      'with the subject of CIRCLE_OIDC_TOKEN_V2, at the root issuer',
      known('circleci', 'CIRCLE_OIDC_TOKEN').issuer,
    ),
    start: async (provider) => ofEnv(await startCircleci(provider)),
  },
  {
    what: 'Buildkite',
    source: 'buildkite',
    known: known('buildkite'),
    start: async (provider) => ofEnv(await startBuildkite(provider)),
  },
  {
    what: 'Bitbucket, whose step names its audiences',
    source: 'bitbucket',
    known: known('bitbucket'),
    start: async (provider, url) => ofEnv(await startBitbucket(provider, { oidc: { audiences: [url] } })),
  },
  {
    what: 'Bitbucket, with `oidc: true` alone',
    source: 'bitbucket',
    known: known('bitbucket'),
    audiences: [workspaceAudience],
    start: async (provider) => ofEnv(await startBitbucket(provider)),
  },
  {
    what: 'Azure Pipelines, whose audience is the same for everybody',
    source: 'azure-pipelines',
    known: {
      issuer: 'https://vstoken.dev.azure.com/0ca3ddd9-f0b0-4635-a98c-5866526961b6',
      policy: { subject: 'p://acme/train/acme.app' },
    },
    audiences: [fixedAudience],
    start: async (provider) => ofEnv(await startAzurePipelines(provider)),
  },
  {
    what: 'HCP Terraform, whose workspace sets the audience',
    source: 'hcp-terraform',
    known: known('hcp-terraform'),
    start: async (provider, url) =>
      ofEnv(await startHcpTerraform(provider, { variables: { TFC_WORKLOAD_IDENTITY_AUDIENCE: url } })),
  },
  {
    what: 'Fly.io',
    source: 'fly',
    known: known('fly'),
    start: async (provider) => ofMachine(await startFly(provider)),
  },
  {
    what: 'Vercel, in a build',
    source: 'vercel',
    known: known('vercel'),
    start: async (provider) => ofMachine(await startVercel(provider)),
  },
  {
    what: 'Vercel, in a function',
    source: 'vercel',
    known: known('vercel'),
    start: async (provider) => {
      const { headers, routes, close } = await startVercel(provider)
      return { here: { ...machine({ env: { VERCEL: '1' }, routes }), requestHeaders: headers }, close }
    },
  },
  {
    what: 'Azure App Service, where an application has our URL',
    source: 'azure-app-service',
    known: entra,
    start: async (provider, url) => ofMachine(await startAppService(provider, { applications: [url] })),
  },
  {
    what: 'SPIFFE, with spiffe-helper',
    source: 'spiffe',
    known: known('spiffe'),
    start: async (provider, audience) => {
      const { surroundings, rotate } = startSpiffe(provider, { audience })
      return { here: surroundings, rotate }
    },
  },
  {
    what: 'Kubernetes, with a projected volume',
    source: 'kubernetes',
    known: known('kubernetes', 'Amazon EKS'),
    start: async (provider, audience) => {
      const { surroundings, rotate } = startPod(provider, { audience })
      return { here: surroundings, rotate }
    },
  },
  {
    what: 'Google Cloud',
    source: 'gcp',
    known: known('gcp'),
    start: async (provider) => ofMachine(await startGcp(provider)),
  },
  { what: 'AWS, on EC2', ...aws, start: (provider) => ofAws(provider, 'ec2') },
  { what: 'AWS, in a task of ECS', ...aws, start: (provider) => ofAws(provider, 'container') },
  { what: 'AWS, in Lambda', ...aws, start: (provider) => ofAws(provider, 'lambda') },
  {
    what: 'AWS, in a pod of EKS that names it',
    ...aws,
    start: (provider) => ofAws(provider, 'container', { isEks: true }),
  },
  { what: 'AWS, in a pod of EKS with a role', ...aws, start: (provider) => ofAws(provider, 'webIdentity') },
  {
    what: 'Azure, on a machine that names it',
    source: 'azure-imds',
    known: entra,
    start: async (provider, url) => {
      const { surroundings, close } = await startAzureMachine(provider, { applications: [url] })
      return { here: { ...surroundings, env: { COUNTERSIGN_SOURCE: 'azure-imds' } }, close }
    },
  },
  {
    what: 'a file that something else keeps fresh',
    source: 'identity-token-file',
    known: own,
    start: async (provider, aud) => {
      const here = machine({ env: { COUNTERSIGN_IDENTITY_TOKEN_FILE: '/run/token' } })
      const rotate = () => {
        here.files['/run/token'] = provider.token({ sub: own.policy.subject, aud, jti: crypto.randomUUID() })
      }
      rotate()
      return { here, rotate }
    },
  },
  {
    what: 'a variable',
    source: 'identity-token',
    known: own,
    start: async (provider, aud) => ({
      here: machine({ env: { COUNTERSIGN_IDENTITY_TOKEN: provider.token({ sub: own.policy.subject, aud }) } }),
    }),
  },
]

describe('journey: a job on each platform', () => {
  let service: Service
  let world: World
  const providers = new Map<string, Provider>()
  const registered = new Set<string>()
  before(async () => {
    for (const alg of ['RS256', 'ES384'] as const) providers.set(alg, await startProvider({ alg }))
    service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '0' } })
    world = await createWorld(service, providers.get('RS256') as Provider)
  })
  after(async () => {
    await service?.close()
    for (const provider of providers.values()) await provider.close()
  })

  /** The platform's own keys, in tokens that say the platform's own name. */
  function signing({ alg = 'RS256', known: { issuer } }: Pick<Job, 'alg' | 'known'>): Provider {
    const provider = providers.get(alg) as Provider
    return { ...provider, token: (claims, ask) => provider.token({ iss: issuer, ...claims }, ask) }
  }

  /** An issuer, and the account that its tokens become. */
  async function register({ known: { issuer, policy, preset }, audiences, alg }: Job, more = {}): Promise<void> {
    const key = [issuer, ...(audiences ?? [])].join()
    if (registered.has(key)) return
    registered.add(key)
    const name = `platform-${registered.size}`
    await world.make('/issuers', {
      name,
      issuer,
      jwks: (providers.get(alg ?? 'RS256') as Provider).publicJwks(),
      ...(audiences && {
        audiences,
        override_reason: 'the platform makes no other, and the subject tells whose it is',
      }),
      ...(preset && { preset }),
      ...more,
    })
    await world.external(name, '', { trust: { issuer: name, ...policy }, override_reason: 'as the preset says' })
  }

  /** The URL is all that the job is told. */
  const providerOf = (here: Machine): TokenProvider =>
    createTokenProvider({ surroundings: { ...here, env: { ...here.env, COUNTERSIGN_URL: world.audience } } })

  it('is of every source', () => {
    const tried = new Set(jobs.map(({ source }) => source))
    // A key is no platform's: its journey is below.
    expect(sourceNames.filter((name) => !tried.has(name))).to.deep.equal(['api-key'])
  })

  for (const job of jobs)
    it(`has an access token: ${job.what}`, async () => {
      await register(job)
      const platform = await job.start(signing(job), world.audience)
      try {
        await using provider = providerOf(platform.here)
        const { token, source } = await provider.getToken()
        expect(source).to.equal(job.source)
        const { body } = await world.introspect(token)
        expect(body).to.include({ active: true, method: 'federated' })
        expect(body.idp).to.include({ iss: job.known.issuer })
        expect((await provider.fetch(`${service.url}/oauth/userinfo`)).status).to.equal(200)
        // A new one, whatever the platform has by then.
        expect((await provider.getToken({ forceRefresh: true })).token).to.not.equal(token)
        expect(platform.here.astray).to.deep.equal([])
      } finally {
        await platform.close?.()
      }
    })

  it('has one for a key, where there is no platform', async () => {
    await using provider = providerOf(machine({ env: { COUNTERSIGN_API_KEY: world.apiKey } }))
    const { token, source } = await provider.getToken()
    expect(source).to.equal('api-key')
    expect((await world.introspect(token)).body).to.include({ active: true, method: 'api_key' })
  })

  it('has none where nothing is at home, says what was looked for, and has asked nobody', async () => {
    const here = machine()
    const error = await providerOf(here)
      .getToken()
      .catch((error: unknown) => error)
    expect(error).to.include({ code: 'no_ambient_credential' })
    for (const name of sourceNames) expect((error as Error).message).to.contain(name)
    expect(here.astray).to.deep.equal([])
  })

  describe('whose token is replaced', () => {
    for (const what of [
      'Kubernetes, with a projected volume',
      'SPIFFE, with spiffe-helper',
      'a file that something else keeps fresh',
    ])
      it(`brings the new one the next time: ${what}`, async () => {
        const found = jobs.find((job) => job.what === what) as Job
        // Each token does once, so that the old one would be refused.
        const known = { ...found.known, issuer: `${found.known.issuer.replace(/\/$/, '')}/once`, preset: 'custom' }
        const job = { ...found, known }
        await register(job, { single_use: true })
        const { here, rotate } = await job.start(signing(job), world.audience)
        let ahead = 0
        await using provider = providerOf({ ...here, now: () => Date.now() + ahead })
        const first = await provider.getToken()
        const refused = await provider.getToken({ forceRefresh: true }).catch((error: unknown) => error)
        expect(refused).to.include({ code: 'token_replayed' })
        rotate?.()
        // What was refused is not asked again at once.
        ahead = 2_000
        const second = await provider.getToken({ forceRefresh: true })
        const sent = await auditedJti(second.requestId)
        const [file] = Object.values(here.files).filter((one) => String(claimsOf(String(one))?.aud) === world.audience)
        expect(sent).to.equal(claimsOf(String(file))?.jti)
        expect(second.token).to.not.equal(first.token)
      })

    async function auditedJti(requestId: string | undefined): Promise<unknown> {
      const [event] = await world.auditOf(requestId)
      return (event?.detail.claims as { jti?: unknown } | undefined)?.jti
    }
  })
})
