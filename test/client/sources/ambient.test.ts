/** Where are we? Each platform alone, and on top of what it may run on. */
import { expect } from 'chai'
import { type SourceName, sourceNames, sources } from '../../../src/client/sources/ambient.ts'
import { detectSource } from '../../../src/client/sources/find.ts'
import type { Environment } from '../../../src/client/surroundings.ts'
import { surroundings } from './asked.ts'

/** What each sets for all that run there, by its documentation. */
const places: [name: SourceName, env: Environment][] = [
  ['identity-token-file', { COUNTERSIGN_IDENTITY_TOKEN_FILE: '/run/token' }],
  ['identity-token', { COUNTERSIGN_IDENTITY_TOKEN: 'a.b.c' }],
  ['api-key', { COUNTERSIGN_API_KEY: 'key' }],
  ['github-actions', { CI: 'true', GITHUB_ACTIONS: 'true', RUNNER_OS: 'Linux' }],
  ['gitlab', { CI: 'true', GITLAB_CI: 'true' }],
  ['circleci', { CI: 'true', CIRCLECI: 'true' }],
  ['buildkite', { CI: 'true', BUILDKITE: 'true' }],
  ['bitbucket', { CI: 'true', BITBUCKET_BUILD_NUMBER: '41' }],
  ['azure-pipelines', { TF_BUILD: 'True', SYSTEM_TEAMFOUNDATIONCOLLECTIONURI: 'https://dev.azure.com/acme/' }],
  ['hcp-terraform', { TFC_RUN_ID: 'run-X3n1AUXNGWbfECsJ' }],
]
/** What such a job may run on. */
const grounds: Record<string, { env: Environment; files?: Record<string, string> }> = {
  'a machine of its own': { env: {} },
  Kubernetes: {
    env: { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' },
    files: { '/var/run/secrets/kubernetes.io/serviceaccount/token': 'a.b.c' },
  },
  'Google Compute Engine': { env: {}, files: { '/sys/class/dmi/id/product_name': 'Google Compute Engine\n' } },
  'Cloud Run': { env: { K_SERVICE: 'job', K_REVISION: 'job-1' } },
  'AWS Lambda': { env: { AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x', AWS_REGION: 'eu-west-1' } },
  'Amazon ECS': {
    env: { ECS_CONTAINER_METADATA_URI_V4: 'http://169.254.170.2/v4/1', AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE' },
  },
  'Azure App Service': { env: { IDENTITY_ENDPOINT: 'http://127.0.0.1:41/msi/token', IDENTITY_HEADER: 'x' } },
  'a Fly machine': { env: { FLY_APP_NAME: 'app', FLY_MACHINE_ID: 'm' }, files: { '/.fly/api': '' } },
  Vercel: { env: { VERCEL: '1', VERCEL_OIDC_TOKEN: 'a.b.c' } },
  SPIFFE: { env: { SPIFFE_ENDPOINT_SOCKET: 'unix:///run/spire/agent.sock' } },
}

const at = (env: Environment, files: Record<string, string> = {}) =>
  surroundings(env, {
    readFile: async (path) => files[path],
    fetch: () => Promise.reject(new Error('the network was touched')),
    ask: () => Promise.reject(new Error('a socket was touched')),
    run: () => Promise.reject(new Error('a program was run')),
  })
const homeOf = async (env: Environment, files?: Record<string, string>) =>
  (await detectSource(at(env, files))).source?.name

describe('client/sources/ambient', () => {
  for (const [ground, { env: below, files }] of Object.entries(grounds))
    it(`is found on top of ${ground}`, async () => {
      for (const [name, env] of places) expect(await homeOf({ ...below, ...env }, files), name).to.equal(name)
    })

  it('is looked for in the order of the names', async () => {
    for (const [i, [name, env]] of places.entries())
      for (const [later, more] of places.slice(i + 1))
        expect(await homeOf({ ...more, ...env }), `${name} and ${later}`).to.equal(name)
    const listed = places.map(([name]) => name)
    expect(sourceNames.slice(0, listed.length)).to.deep.equal(listed)
  })

  it('is nowhere by a mere resemblance', async () => {
    const near = [
      { CI: 'true' },
      { GITHUB_ACTIONS: 'false', GITHUB_REPOSITORY: 'acme/app', GITHUB_TOKEN: 'x' },
      { GITLAB_CI: '', CI_PROJECT_PATH: 'acme/app', GITLAB_TOKEN: 'x' },
      { CIRCLECI: '1', CIRCLE_OIDC_TOKEN: 'a.b.c' },
      { BUILDKITE: 'no', BUILDKITE_AGENT_ACCESS_TOKEN: 'x' },
      { BITBUCKET_STEP_OIDC_TOKEN: 'a.b.c' },
      { SYSTEM_ACCESSTOKEN: 'x' },
      { TFC_WORKLOAD_IDENTITY_TOKEN: 'a.b.c' },
      { AWS_REGION: 'eu-west-1', AWS_PROFILE: 'acme', GOOGLE_APPLICATION_CREDENTIALS: '/home/a/key.json' },
    ]
    for (const env of near) expect(await homeOf(env), JSON.stringify(env)).to.equal(undefined)
  })

  it('bears its own name, and says what it misses', () => {
    for (const [name, source] of Object.entries(sources)) {
      expect(source.name).to.equal(name)
      if (source.detect) expect(source.missing, name).to.be.a('string')
    }
  })
})
