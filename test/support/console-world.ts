/** An organization with something on every page of the console. `hostile`: names and texts of it are markup. */
import type { Provider } from './identity-provider.ts'
import { call, type Service } from './server.ts'
import { createWorld, must } from './world.ts'

export const markup = `<img src=x onerror="document.title='pwned'">`

export type ConsoleWorld = Awaited<ReturnType<typeof createConsoleWorld>>

export async function createConsoleWorld(service: Service, provider: Provider, { hostile = false } = {}) {
  const named = (text: string) => (hostile ? `${text} ${markup}` : text)
  const world = await createWorld(service, provider, { account: { description: named('Trains the models, nightly') } })
  const { make, api, accounts } = world
  await api('PATCH', '', { display_name: named('Acme Robotics') })
  await api('PATCH', '/teams/ml', { display_name: named('Machine learning') })
  await make('/teams', { name: 'platform', display_name: named('Platform') })
  await make('/teams', { name: 'research' })
  const user = await make('/users', { username: 'grace', email: 'grace@acme.example', role: 'member' })
  await make('/users', { username: 'alan', email: 'alan@acme.example', role: 'viewer' })
  await make('/users/grace/keys', { name: 'laptop' })
  await must(api('PUT', '/teams/ml/members/grace', { role: 'admin' }))
  await must(api('PUT', '/teams/ml/members/alan', { role: 'viewer' }))
  const projects = '/teams/ml/projects'
  await make(projects, { name: 'vision', visibility: 'team' })
  await make(projects, { name: 'secret', visibility: 'restricted' })
  await make(projects, { name: 'leaderboard', visibility: 'public' })
  await must(api('PUT', `${projects}/secret/members/${user.id}`, { role: 'editor' }))
  await make('/service-accounts', { name: 'reporting', default_team: 'ml', description: named('Weekly reports') })
  await make('/issuers', { name: 'github', issuer: 'https://token.actions.githubusercontent.com', preset: 'github' })
  const server = await make('/resource-servers', { name: 'tracker', audience: 'https://tracker.acme.example' })
  const policies = (await must(api('GET', `${accounts}/trainer/trust-policies`))).items as { id: string }[]
  // What happened: granted, refused for several reasons, by programs that say who they are.
  const agent = named('acme-ci/4.2')
  const ask = async (token: string) =>
    must0(
      await fetch(`${service.url}/oauth/token`, {
        method: 'POST',
        headers: { 'user-agent': agent },
        body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: token }),
      }),
    )
  for (let i = 0; i < 4; i++) await ask(world.token({ jti: `g${i}` }))
  const refused = await ask(world.token({ sub: named('Job-1'), ref: named('refs/heads/main') }))
  await ask(world.token({ sub: 'job-2' }))
  await ask(world.token({ exp: Math.floor(Date.now() / 1000) - 900, iat: Math.floor(Date.now() / 1000) - 1200 }))
  await call(service, 'GET', '/api/v1/me', { secret: world.apiKey })
  await api('PATCH', `${accounts}/robot`, { description: named('Built-in, for the old cluster') })
  const request = String(refused.request_id)
  return {
    ...world,
    request,
    policy: policies[0]?.id ?? '',
    /** Every page, by a name that a picture of it may bear. */
    pages: {
      overview: '/acme',
      'service-accounts': '/acme/service-accounts',
      'new-service-account': '/acme/service-accounts?new=1',
      'organization-account': `/acme/service-accounts/reporting`,
      'team-service-accounts': '/acme/ml/service-accounts',
      'new-team-service-account': '/acme/ml/service-accounts?new=1',
      'built-in-account': '/acme/ml/service-accounts/robot',
      'external-account': '/acme/ml/service-accounts/trainer',
      'new-policy': '/acme/ml/service-accounts/trainer/policies/new',
      policy: `/acme/ml/service-accounts/trainer/policies/${policies[0]?.id}`,
      'policy-from-refusal': `/acme/ml/service-accounts/trainer/policies/new?from=${request}`,
      teams: '/acme/teams',
      'new-team': '/acme/teams?new=1',
      projects: '/acme/ml/projects',
      project: '/acme/ml/projects/secret',
      members: '/acme/ml/members',
      users: '/acme/users',
      user: '/acme/users/grace',
      issuers: '/acme/issuers',
      'add-issuer': '/acme/issuers?add=1',
      'add-issuer-github': '/acme/issuers?add=github',
      issuer: '/acme/issuers/ci',
      'resource-servers': '/acme/resource-servers',
      'resource-server': `/acme/resource-servers/${server.name}`,
      exchanges: '/acme/exchanges',
      exchange: `/acme/exchanges/${request}`,
      audit: '/acme/audit',
      hygiene: '/acme/hygiene',
      settings: '/acme/settings',
      profile: '/profile',
    } as Record<string, string>,
  }
}

const must0 = async (answer: Response) => (await answer.json()) as Record<string, unknown>
