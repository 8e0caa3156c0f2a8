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
type Ground = { is: SourceName; env: Environment; files?: Record<string, string> }
const inPod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' }
const podFile = { '/var/run/secrets/kubernetes.io/serviceaccount/token': 'a.b.c' }
const google = { '/sys/class/dmi/id/product_name': 'Google Compute Engine\n' }
const amazon = { '/sys/class/dmi/id/sys_vendor': 'Amazon EC2\n' }
/** What such a job may run on, and what that is by itself. */
const grounds: Record<string, Ground> = {
  'a Fly machine': { is: 'fly', env: { FLY_APP_NAME: 'app', FLY_MACHINE_ID: 'm', FLY_REGION: 'ams' } },
  Vercel: { is: 'vercel', env: { VERCEL: '1', VERCEL_OIDC_TOKEN: 'a.b.c' } },
  'Vercel, which runs on Lambda': { is: 'vercel', env: { VERCEL: '1', AWS_LAMBDA_FUNCTION_NAME: 'f' } },
  'Azure App Service': {
    is: 'azure-app-service',
    env: { IDENTITY_ENDPOINT: 'http://127.0.0.1:41/', IDENTITY_HEADER: 'x' },
  },
  SPIFFE: { is: 'spiffe', env: { SPIFFE_ENDPOINT_SOCKET: 'unix:///run/spire/agent.sock' } },
  'SPIFFE in a pod': { is: 'spiffe', env: { ...inPod, SPIFFE_ENDPOINT_SOCKET: 'unix:///s' }, files: podFile },
  'a pod with SPIFFE and a token for us': {
    is: 'kubernetes',
    env: { ...inPod, SPIFFE_ENDPOINT_SOCKET: 'unix:///s' },
    files: { ...podFile, '/var/run/secrets/countersign/token': 'a.b.c' },
  },
  Kubernetes: { is: 'kubernetes', env: inPod, files: podFile },
  'Google Kubernetes Engine': { is: 'kubernetes', env: inPod, files: { ...podFile, ...google } },
  'Amazon EKS': {
    is: 'kubernetes',
    env: { ...inPod, AWS_ROLE_ARN: 'arn:aws:iam::1:role/r', AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/secrets/eks/token' },
    files: { ...podFile, ...amazon },
  },
  'Azure AKS': {
    is: 'kubernetes',
    env: { ...inPod, AZURE_FEDERATED_TOKEN_FILE: '/t', AZURE_CLIENT_ID: 'c' },
    files: podFile,
  },
  'Google Compute Engine': { is: 'gcp', env: {}, files: google },
  'Cloud Run': { is: 'gcp', env: { K_SERVICE: 'service', K_REVISION: 'service-1' } },
  'a job of Cloud Run': { is: 'gcp', env: { CLOUD_RUN_JOB: 'job', CLOUD_RUN_EXECUTION: 'job-1' } },
  'Amazon EC2': { is: 'aws', env: {}, files: amazon },
  'AWS Lambda': { is: 'aws', env: { AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x', AWS_LAMBDA_FUNCTION_NAME: 'f' } },
  'Amazon ECS': { is: 'aws', env: { ECS_CONTAINER_METADATA_URI_V4: 'http://169.254.170.2/v4/1' } },
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
  it('is found where nothing else is', async () => {
    for (const [name, env] of places) expect(await homeOf(env), name).to.equal(name)
    expect(await homeOf({})).to.equal(undefined)
  })

  for (const [ground, { is, env: below, files }] of Object.entries(grounds))
    it(`is found on ${ground}, and on top of it`, async () => {
      expect(await homeOf(below, files)).to.equal(is)
      for (const [name, env] of places) expect(await homeOf({ ...below, ...env }, files), name).to.equal(name)
    })

  it('is looked for in the order of the names', async () => {
    for (const [i, [name, env]] of places.entries())
      for (const [later, more] of places.slice(i + 1))
        expect(await homeOf({ ...more, ...env }), `${name} and ${later}`).to.equal(name)
    const alone = [...places.map(([name]) => name), ...Object.values(grounds).map(({ is }) => is)]
    // Azure's machines do not tell by themselves: that one has to be named.
    expect([...new Set(alone)]).to.deep.equal(sourceNames.filter((name) => name !== 'azure-imds'))
    expect(sources['azure-imds'].detect).to.equal(undefined)
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
