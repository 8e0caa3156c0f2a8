import { inspect } from 'node:util'
import { expect } from 'chai'
import { claimsOf } from '../../../src/client/sources/unverified.ts'
import { type Provider, startProvider } from '../../support/identity-provider.ts'
import { type Buildkite, startBuildkite } from '../../support/platforms/buildkite.ts'
import { audience, failure, findIn } from './asked.ts'

describe('client/sources/buildkite', () => {
  let provider: Provider
  let buildkite: Buildkite
  before(async () => {
    provider = await startProvider()
    buildkite = await startBuildkite(provider)
  })
  after(async () => {
    await buildkite?.close()
    await provider?.close()
  })
  const ids = {
    organization_id: '0184990a-477b-4fa8-9968-496074483aaa',
    pipeline_id: '0184990a-4782-42b5-afc1-16715b10bbbb',
  }

  it('asks the API of the agent, for us and with the ids that a policy goes by', async () => {
    const found = await findIn(buildkite.env)
    expect(found).to.include({ type: 'jwt', source: 'buildkite' })
    expect(claimsOf(found.token)).to.include({ aud: audience, ...ids })
    expect(buildkite.program.calls).to.deep.equal([])
    const { BUILDKITE_AGENT_ENDPOINT: endpoint } = buildkite.env
    expect((await findIn({ ...buildkite.env, BUILDKITE_AGENT_ENDPOINT: `${endpoint}/` })).source).to.equal('buildkite')
  })

  it('asks the agent itself where its variables are not there', async () => {
    const { token } = await findIn(buildkite.envWithProgram)
    expect(claimsOf(token)).to.include({ aud: audience, ...ids })
    expect(buildkite.program.calls.at(-1)?.slice(0, 4)).to.deep.equal(['oidc', 'request-token', '--audience', audience])
  })

  it('asks either way for what the pipeline has set', async () => {
    const set = { BUILDKITE_OIDC_TOKEN_CLAIMS: 'cluster_id, organization_id' }
    for (const env of [buildkite.env, buildkite.envWithProgram])
      expect(claimsOf((await findIn({ ...env, ...set })).token)).to.include({
        ...ids,
        cluster_id: '0184990a-cccc-4fa8-9968-496074483ccc',
      })
    await findIn({ ...buildkite.env, BUILDKITE_OIDC_TOKEN_SUBJECT_CLAIM: 'pipeline_id' })
    expect(JSON.parse(buildkite.asked.at(-1)?.body ?? '')).to.include({ subject_claim: 'pipeline_id' })
  })

  it('has neither in a container that was given neither', async () => {
    const error = await failure(findIn(buildkite.envOfContainer))
    expect(error).to.include({ source: 'buildkite', code: 'permission_missing' })
    expect(error.hint).to.contain('mount-buildkite-agent')
    expect(await failure(findIn(buildkite.env, { audience: undefined }))).to.include({ code: 'audience_unknown' })
  })

  it('says what went wrong, and never with what it was asked', async () => {
    const { BUILDKITE_AGENT_ACCESS_TOKEN: pass = '' } = buildkite.env
    const refused = await failure(findIn({ ...buildkite.env, BUILDKITE_JOB_ID: '../../evil' }))
    expect(refused).to.include({ retryable: false })
    expect(buildkite.asked.at(-1)?.url.pathname).to.equal('/v3/jobs/..%2F..%2Fevil/oidc/tokens')
    buildkite.instead.push({ status: 503 }, { status: 401 }, { status: 201, body: '{}' })
    const [busy, denied, empty] = [
      await failure(findIn(buildkite.env)),
      await failure(findIn(buildkite.env)),
      await failure(findIn(buildkite.env)),
    ]
    expect(busy).to.include({ retryable: true })
    expect(denied).to.include({ retryable: false })
    expect(empty.message).to.contain('no JSON with a "token"')
    buildkite.programInstead.push({ code: 1, stderr: `fatal: ${pass} is no token\n` })
    const failed = await failure(findIn(buildkite.envWithProgram))
    expect(failed.message).to.equal('buildkite: buildkite-agent failed: fatal: … is no token')
    for (const error of [refused, busy, denied, empty, failed])
      expect(inspect(error, { depth: 9 })).to.not.contain(pass)
    const nowhere = { ...buildkite.env, BUILDKITE_AGENT_ENDPOINT: 'agent' }
    expect((await failure(findIn(nowhere))).message).to.contain('BUILDKITE_AGENT_ENDPOINT is not a URL')
  })
})
