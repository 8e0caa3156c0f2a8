/** The story, step by step. A step that does not do what it should ends it with StepFailed. */
import type { Instance } from './instance.ts'
import type { Listening } from './listen.ts'
import type { Answer, Page } from './page.ts'
import type { ProtectedApi } from './protected-api.ts'
import type { Job } from './provider.ts'

export type Stage = { page: Page; instance: Instance; provider: Listening; api: ProtectedApi; jobs: Jobs }
/** `brief`: the same kind of job, whose tokens live for a second. `stranger`: one that no policy knows. */
export type Jobs = { trainer: Job; brief: Job; stranger: Job }

export class StepFailed extends Error {
  override readonly name = 'StepFailed'
}

const org = 'acme'
const team = 'ml-platform'

/** What an admin does once: who is trusted, and whom they may become. */
export async function arrange({ page, instance, provider, api, jobs }: Stage): Promise<void> {
  const asOperator = (path: string, json: unknown, show: readonly string[]) =>
    page
      .call({ url: `${instance.url}/api/v1${path}`, bearer: instance.operatorKey, json }, show)
      .then((answer) => expect(answer, 201))

  page.step('An organization and a team in it')
  await asOperator('/orgs', { name: org }, ['id', 'name'])
  await asOperator(`/orgs/${org}/teams`, { name: team }, ['id', 'name'])

  page.step('Trust the platform as an issuer of tokens')
  page.say('Its keys are discovered from its URL; nothing secret is exchanged with it.')
  const issuer = await asOperator(
    `/orgs/${org}/issuers`,
    { name: 'platform', issuer: provider.url, clock_tolerance: 0 },
    ['id', 'issuer', 'audiences'],
  )
  if (!(issuer.audiences as string[]).includes(audienceOf(instance)))
    throw new StepFailed(`the issuer was registered without the audience ${audienceOf(instance)}`)
  const { keys } = issuer.health as { keys: { kid: string; alg: string }[] }
  if (keys.length === 0) throw new StepFailed('no key of the issuer could be fetched')
  page.say(`Its public keys are here now: ${keys.map(({ kid, alg }) => `${kid} (${alg})`).join(', ')}`)

  page.step('A service account, and which of the platform’s tokens may become it')
  page.say('External account: it has no key. Its trust policy names one issuer and one exact subject (sub).')
  await asOperator(
    `/orgs/${org}/teams/${team}/service-accounts`,
    { name: 'trainer', method: 'federated', trust: { issuer: 'platform', subject: jobs.trainer.id } },
    ['id', 'name', 'method'],
  )
  await asOperator(
    `/orgs/${org}/teams/${team}/service-accounts`,
    { name: 'nightly', method: 'federated', trust: { issuer: 'platform', subject: jobs.brief.id } },
    ['id', 'name', 'method'],
  )

  page.step('The API that is to be reached, as a resource server')
  page.say('It gets a key, once, with which it may ask what a caller may do.')
  const server = await asOperator(`/orgs/${org}/resource-servers`, { name: 'reports', audience: api.url }, [
    'name',
    'audience',
    'api_key',
  ])
  api.guard({ url: instance.publicUrl, organization: org, key: String(server.api_key) })
}

/** What the workload does whenever it needs access. */
export async function reach({ page, instance, provider, api, jobs }: Stage): Promise<void> {
  page.step('The job gets a token from its own platform, meant for the organization')
  const subjectToken = await tokenOf(page, provider, jobs.trainer, audienceOf(instance))
  page.claims('The platform signed', subjectToken)

  page.step('The job exchanges it for a short-lived access token')
  page.say('No client secret: the platform’s signature is the proof.')
  const granted = expect(
    await page.call(exchange(instance, subjectToken, { resource: api.url }), [
      'access_token',
      'token_type',
      'expires_in',
      'scope',
    ]),
    200,
  )
  const accessToken = String(granted.access_token)
  const claims = page.claims('Countersign signed', accessToken)
  if (claims.name !== 'trainer' || claims.team !== team || claims.aud !== api.url)
    throw new StepFailed('the access token is for somebody else')

  page.step('The job calls the protected API with it')
  const reports = `${api.url}/reports`
  page.say('The API asks Countersign (@countersign/verify) whether it may read the project, and lets it in:')
  const welcomed = expect(await page.call({ url: reports, bearer: accessToken }), 200)
  if (welcomed.hello !== 'trainer' || welcomed.project !== `${team}/reports`)
    throw new StepFailed('the API took the caller for somebody else')
  page.say('The platform’s own token does not open it, nor does none:')
  expect(await page.call({ url: reports, bearer: subjectToken }), 401)
  expect(await page.call({ url: reports }), 401)
}

export const audienceOf = ({ publicUrl }: Instance) => `${publicUrl}/orgs/${org}`
export const trailOf = ({ url }: Instance, ofInstallation: boolean) =>
  `${url}/api/v1${ofInstallation ? '' : `/orgs/${org}`}/audit-events`

export const exchange = ({ url }: Instance, assertion: string, more: Record<string, string> = {}) => ({
  url: `${url}/oauth/token`,
  form: { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion, ...more },
})

/** A JWT of the platform (client credentials, RFC 6749 §4.4, with the resource of RFC 8707 as its audience). */
export async function tokenOf(page: Page, { url }: Listening, { id, secret }: Job, resource: string): Promise<string> {
  const answer = await page.call(
    {
      url: `${url}/token`,
      basic: { user: id, password: secret },
      form: { grant_type: 'client_credentials', resource },
    },
    ['access_token', 'expires_in'],
  )
  return String(expect(answer, 200).access_token)
}

export function expect({ status, body }: Answer, wanted: number): Record<string, unknown> {
  if (status !== wanted) throw new StepFailed(`expected ${wanted}, got ${status}: ${JSON.stringify(body)}`)
  return body
}
