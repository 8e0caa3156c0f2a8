/** docs/tutorials, pasted block by block into one shell, against a service as the page starts it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'
import { createActionJob } from './support/actions-runner.ts'
import { caseOf } from './support/docs/provider-blocks.ts'
import { documented, replaced } from './support/documented.ts'
import { type Provider, startProvider } from './support/identity-provider.ts'
import { leaks } from './support/leaks.ts'
import { type Checkout, likeTheCheckout } from './support/like-the-checkout.ts'
import { type GithubActions, startGithubActions } from './support/platforms/github-actions.ts'
import { call, root, type Service, startService } from './support/server.ts'
import { must } from './support/world.ts'

describe('docs/tutorials/first-exchange.md', () => {
  const page = 'docs/tutorials/first-exchange.md'
  const [, operatorKey = '', dataDir = ''] =
    /^OPERATOR_KEY=(\S+) DATA_DIR=(\S+) npm start$/m.exec(readFileSync(join(root, page), 'utf8')) ?? []
  let service: Service
  let checkout: Checkout
  before(async () => {
    service = await startService({ env: { OPERATOR_KEY: operatorKey, ISSUER_NETWORK: 'public' } })
    checkout = likeTheCheckout()
    mkdirSync(join(checkout.folder, dataDir))
  })
  after(async () => {
    checkout?.close()
    await service?.close()
  })

  it('comes from a clone to a token, on the command line and in JavaScript', async () => {
    const script = documented(page, 'sh')
      .map((block, i) => `echo "# ${i + 1}"\n${block}`)
      .join('\n')
    const { stdout, stderr } = await checkout.paste(script.replace('http://127.0.0.1:8080', service.url))
    const [, you = '', trust = '', unknown = '', allowed = '', granted = '', program = '', trail = ''] =
      stdout.split(/^# \d\n/m)
    expect(you)
      .to.match(/^org +acme$/m)
      .and.match(/^name +ml$/m)
    expect(trust).to.match(/^health +ok$/m)
    expect(unknown).to.contain('job:train').and.contain('refused, with exit code 5')
    expect(stderr)
      .to.match(/no service account/)
      .and.match(/req_/)
    expect(allowed)
      .to.contain('no_account_matches')
      .and.match(/^trust\.subject +job:train$/m)
    expect(granted)
      .to.contain('"items":')
      .and.match(/has a token of [1-9]\d\d+ characters/)
    expect(program).to.match(/^200 \[/)
    expect(trail).to.contain('granted').and.contain('no_account_matches').and.contain('refused again, with exit code 5')
    // `countersign token` gives it to a program, and shows it to nobody at a terminal.
    leaks.refuse('what the tutorial shows', stdout.replace(/^# 5\n.+$/m, ''), stderr)
  })
})

describe('docs/tutorials/github-actions.md', () => {
  const page = 'docs/tutorials/github-actions.md'
  const [trust = '', ask = '', allow = '', look = ''] = documented(page, 'sh')
  const [workflow] = documented(page, 'yaml').map((text) => parse(text) as Workflow)
  let provider: Provider
  let service: Service
  let checkout: Checkout
  let admin: Record<string, string>
  let platform: GithubActions
  let job: ReturnType<typeof createActionJob>
  before(async () => {
    provider = await startProvider()
    service = await startService()
    checkout = likeTheCheckout()
    const first_admin = { username: 'ada', email: 'ada@acme.example' }
    const founding = { secret: service.operatorKey, json: { name: 'acme', first_admin } }
    const { api_key } = await must(call(service, 'POST', '/api/v1/orgs', founding))
    admin = { COUNTERSIGN_URL: service.url, COUNTERSIGN_API_KEY: String(api_key) }
    writeFileSync(join(checkout.folder, 'jwks.json'), JSON.stringify(provider.publicJwks()))
    const iss = 'https://token.actions.githubusercontent.com'
    platform = await startGithubActions(provider, { claims: { ...caseOf('github').claims, iss } })
    job = createActionJob(platform.env)
  })
  after(async () => {
    job?.close()
    checkout?.close()
    await platform?.close()
    await service?.close()
    await provider?.close()
  })

  /** As the workflow says: the Action, and the step behind it with what the Action left. */
  async function run() {
    const [, action, step] = (workflow as Workflow).jobs.train.steps
    expect(action?.uses).to.equal('./deploy/ci/github')
    const inputs = { ...action?.with, url: `${service.publicUrl}/orgs/acme` }
    const ran = await job.main(inputs)
    if (ran.code !== 0) return ran
    const { stdout } = await checkout.paste(
      String(step?.run).replaceAll('https://id.example', service.url),
      ran.variables,
    )
    await job.post(inputs)
    return { ...ran, stdout }
  }
  const countersign = `countersign() { "${process.execPath}" bin/countersign.js "$@"; }\n`

  it('comes from a preset, by a refusal, to a policy and a token', async () => {
    expect(workflow?.permissions['id-token']).to.equal('write')
    // The keys of the stand-in, in place of GitHub's own.
    await checkout.paste(
      countersign + replaced(trust, { '--preset github': '--preset github --jwks-file jwks.json' }),
      admin,
    )

    const refused = await run()
    expect(refused.code).to.equal(1)
    const said = `${refused.log}${refused.commands.map(({ data }) => data).join('\n')}`
    expect(said).to.contain('no_account_matches').and.contain('repository_id: 456789')
    const [requestId = ''] = /req_\w+/.exec(said) ?? []
    const asked = await checkout.paste(`${countersign}set +e\n${ask.replaceAll('REQUEST_ID', requestId)}`, admin)
    const [, suggested = ''] = /To save it: (.*)/.exec(asked.stderr) ?? []
    expect(wordsOf(suggested)).to.deep.equal(wordsOf(allow.replace(' create main', ' create')))

    await checkout.paste(countersign + allow, admin)
    const granted = await run()
    expect(granted.code, granted.log).to.equal(0)
    expect(granted).to.have.property('stdout').that.contains('"items":')

    const { stdout } = await checkout.paste(countersign + look, admin)
    expect(stdout).to.contain('granted').and.contain('no_account_matches')
  })

  /** What a shell makes of it, in any order. */
  const wordsOf = (text: string) =>
    [...text.replaceAll('\\\n', ' ').matchAll(/'[^']*'|\S+/g)].map(([word]) => word.replaceAll("'", '')).sort()
})

type Step = { uses?: string; run?: string; with?: Record<string, string> }
type Workflow = { permissions: Record<string, string>; jobs: { train: { steps: Step[] } } }
