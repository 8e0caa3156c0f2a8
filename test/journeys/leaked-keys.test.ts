/** A secret that somebody has published, found by GitHub's secret scanning and reported to us: it ends, and its admins are told. */
import { createHash, sign } from 'node:crypto'
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type Partner, startPartner } from '../support/partner.ts'
import { call, type Service, startService } from '../support/server.ts'
import { createWorld, type Event, must, type World } from '../support/world.ts'

const url = 'https://github.com/octocat/hello/blob/1234/deploy.sh'

describe('journey: a secret that was published', () => {
  let provider: Provider
  let partner: Partner
  let service: Service
  let world: World
  before(async () => {
    provider = await startProvider()
    partner = await startPartner()
    service = await startService({ env: { SECRET_SCANNING_KEYS_URL: partner.url, LIMIT_FAILED_PER_MINUTE: '40' } })
    world = await createWorld(service, provider)
  })
  after(async () => {
    await service?.close()
    await partner?.close()
    await provider?.close()
  })

  const send = (body: string, { signature = partner.sign(body), key = 'current' } = {}) =>
    fetch(`${service.url}/api/v1/secret-scanning`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'github-public-key-identifier': key,
        'github-public-key-signature': signature,
      },
      body,
    })
  const finding = (token: string, more: object = {}) => ({
    token,
    type: 'countersign_api_key',
    url,
    source: 'content',
    ...more,
  })
  const report = async (...tokens: string[]) => {
    const answer = await send(JSON.stringify(tokens.map((token) => finding(token))))
    expect(answer.status, await answer.clone().text()).to.equal(200)
    return (await answer.json()) as { token_hash: string; token_type: string; label: string }[]
  }
  const reasonOf = async (answer: Response) => ({
    status: answer.status,
    reason: ((await answer.json()) as { reason: string }).reason,
  })
  const newKey = async () => String((await world.make(`${world.accounts}/robot/keys`, {})).secret)
  const leaks = async (type: string) =>
    (await must(world.api('GET', `/audit-events?type=${type}`))).items as (Event & { target: { name?: string } })[]

  it('an API key ends at once, with what it obtained, and the trail of its organization says where it was found', async () => {
    const secret = await newKey()
    const obtained = String((await must(world.withKey(secret))).access_token)
    expect(await report(secret)).to.deep.equal([
      {
        token_hash: createHash('sha256').update(secret).digest('base64'),
        token_type: 'countersign_api_key',
        label: 'true_positive',
      },
    ])
    expect((await world.withKey(secret)).status).to.equal(401)
    expect((await world.introspect(obtained)).body).to.deep.equal({ active: false })
    const [event] = await leaks('api_key.leak')
    expect(event).to.deep.include({ org: 'acme', team: 'ml', result: 'done' })
    expect(event?.actor).to.deep.equal({ type: 'system', name: 'secret-scanning' })
    expect(event?.detail).to.deep.equal({ source: 'content', type: 'countersign_api_key', url })
    const [removed] = await leaks('api_key.delete')
    expect(removed?.request_id).to.equal(event?.request_id)
    expect(removed?.target?.id).to.equal(event?.target.id)
    expect(JSON.stringify(event)).to.not.contain(secret)
  })

  it('a user’s key, a resource server’s key and an access token, too', async () => {
    await world.make('/users', { username: 'bob', email: 'bob@acme.example' })
    const user = String((await world.make('/users/bob/keys', {})).secret)
    const server = String(
      (await world.make('/resource-servers', { name: 'api', audience: 'https://a.example' })).api_key,
    )
    const token = await world.granted(world.token())
    expect((await report(user, server, token)).map(({ label }) => label)).to.deep.equal(Array(3).fill('true_positive'))
    for (const secret of [user, server, token])
      expect((await call(service, 'GET', '/api/v1/me', { secret })).status).to.equal(401)
    expect((await leaks('access_token.leak'))[0]?.detail.url).to.equal(url)
  })

  it('what is not ours is said to be a false alarm, and what was reported before is none of ours by then', async () => {
    const secret = await newKey()
    const noise = `csk_${'0'.repeat(49)}`
    expect((await report(noise, secret, secret, 'ghp_123')).map(({ label }) => label)).to.deep.equal([
      'false_positive',
      'true_positive',
      'true_positive',
      'false_positive',
    ])
    // What came of it is known, though the key is not any more.
    expect((await report(secret)).map(({ label }) => label)).to.deep.equal(['true_positive'])
    expect(await report()).to.deep.equal([])
  })

  it('the operator’s own key cannot be ended here: the installation’s trail says that it leaked', async () => {
    expect((await report(service.operatorKey)).map(({ label }) => label)).to.deep.equal(['true_positive'])
    const path = '/api/v1/audit-events?type=operator_key.leak'
    const { body } = await call(service, 'GET', path, { secret: service.operatorKey })
    expect((body.items as Event[])[0]?.detail.url).to.equal(url)
    expect(JSON.stringify(body)).to.not.contain(service.operatorKey)
  })

  it('found in two places, it is in the trail with both', async () => {
    const secret = await newKey()
    const places = [finding(secret), finding(secret, { url: `${url}#2`, source: 'commit' }), finding(secret)]
    expect((await send(JSON.stringify(places))).status).to.equal(200)
    const events = (await leaks('api_key.leak')).slice(0, 2)
    expect(events.map(({ detail }) => detail.url)).to.have.members([url, `${url}#2`])
    expect(new Set(events.map(({ request_id }) => request_id)).size).to.equal(1)
  })

  it('a thousand findings at once are answered', async () => {
    const secret = await newKey()
    const many = Array.from({ length: 1_000 }, (_, i) => `csk_${String(i).padStart(49, '0')}`)
    const labels = (await report(...many, secret)).map(({ label }) => label)
    expect(labels).to.have.length(1_001)
    expect(labels.filter((label) => label === 'true_positive')).to.have.length(1)
  })

  describe('nothing is believed that is not signed', () => {
    const unproven = { status: 401, reason: 'report_unproven' }
    it('by another key, over another body, or not at all', async () => {
      const secret = await newKey()
      const body = JSON.stringify([finding(secret)])
      const stranger = sign('sha256', Buffer.from(body), partner.pair().privateKey).toString('base64')
      for (const how of [
        { signature: stranger },
        { signature: partner.sign(`${body} `) },
        { signature: `${partner.sign(body)}!` },
        { signature: '' },
      ])
        expect(await reasonOf(await send(body, how)), JSON.stringify(how)).to.deep.equal(unproven)
      for (const key of ['unknown', '__proto__']) {
        const answer = await send(body, { key })
        expect(Number(answer.headers.get('retry-after'))).to.be.within(1, 300)
        expect(await reasonOf(answer)).to.deep.equal({ status: 503, reason: 'partner_unavailable' })
      }
      const bare = await fetch(`${service.url}/api/v1/secret-scanning`, { method: 'POST', body })
      expect(await reasonOf(bare)).to.deep.equal(unproven)
      const asAdmin = await call(service, 'POST', '/api/v1/secret-scanning', { secret: world.adminKey, json: [] })
      expect(asAdmin.status).to.equal(401)
      expect((await world.withKey(secret)).status).to.equal(200)
    })

    it('and a made-up key causes no further look at the partner’s', async () => {
      const before = partner.asked()
      for (let i = 0; i < 5; i++) await send('[]', { key: `unknown-${i}` })
      expect(partner.asked()).to.equal(before)
    })

    it('the bytes are judged as they came', async () => {
      const secret = await newKey()
      const body = `\n[ ${JSON.stringify(finding(secret))} ]\n`
      expect((await send(body)).status).to.equal(200)
      expect((await world.withKey(secret)).status).to.equal(401)
    })
  })

  for (const [what, body, expected] of [
    ['no JSON', '[', { status: 400, reason: 'body_malformed' }],
    ['no list', '{"token":"x"}', { status: 422, reason: 'body_invalid' }],
    ['a list of something else', '[1]', { status: 422, reason: 'body_invalid' }],
    ['a finding without its token', '[{"type":"x"}]', { status: 422, reason: 'body_invalid' }],
  ] as const)
    it(`${what}, though signed, is refused`, async () => {
      expect(await reasonOf(await send(body))).to.deep.equal(expected)
    })

  it('without the partner’s keys nothing is believed, and it says so: 503', async () => {
    partner.away(true)
    const other = await startService({ env: { SECRET_SCANNING_KEYS_URL: partner.url } })
    try {
      const answer = await fetch(`${other.url}/api/v1/secret-scanning`, {
        method: 'POST',
        headers: { 'github-public-key-identifier': 'current', 'github-public-key-signature': partner.sign('[]') },
        body: '[]',
      })
      expect(answer.headers.get('retry-after')).to.equal('300')
      expect(await reasonOf(answer)).to.deep.equal({ status: 503, reason: 'partner_unavailable' })
      // Where they are known, reports go on.
      expect((await send('[]')).status).to.equal(200)
    } finally {
      partner.away(false)
      await other.close()
    }
  })

  // Last: from here on this address has failed too often.
  describe('guessing', () => {
    it('strangers who try are stopped', async () => {
      const answers = await Promise.all(Array.from({ length: 60 }, () => send('[]', { signature: 'AAAA' })))
      expect(answers.map(({ status }) => status)).to.include(429)
      expect((await send('[]')).status).to.equal(200)
    })
  })
})
