/** Where a request comes from, behind proxies that are believed and before those that are not. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { call, type Service, startService } from '../support/server.ts'
import { askFor, createWorld, type World } from '../support/world.ts'

describe('journey: proxies', () => {
  let provider: Provider
  let service: Service
  let world: World
  before(async () => {
    provider = await startProvider()
  })
  after(() => provider?.close())
  afterEach(() => service?.close())

  const open = async (env: Record<string, string>) => {
    service = await startService({ env })
    world = await createWorld(service, provider)
  }
  const exchange = (forwarded: string, token: string) =>
    call(service, 'POST', '/oauth/token', {
      form: askFor('jwtBearer', token),
      headers: { 'x-forwarded-for': forwarded },
    })
  /** The address on record for an exchange that bore this header. */
  async function recorded(forwarded: string): Promise<string> {
    const { headers } = await exchange(forwarded, world.token())
    const [event] = (await world.auditOf(headers.get('x-request-id'))) as unknown as { client: { ip: string } }[]
    return String(event?.client.ip)
  }

  it('believes none unless told to', async () => {
    await open({})
    expect(await recorded('203.0.113.9')).to.equal('127.0.0.1')
  })

  it('believes those of TRUST_PROXY, up to the first address that is none of theirs', async () => {
    await open({ TRUST_PROXY: '127.0.0.0/8,10.0.0.0/8' })
    for (const [forwarded, ip] of [
      ['203.0.113.9', '203.0.113.9'],
      ['198.51.100.1, 203.0.113.9, 10.1.2.3', '203.0.113.9'],
      ['203.0.113.9:4711', '203.0.113.9'],
      ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
      ['[2001:db8::1]:4711', '2001:db8::1'],
      ['::ffff:203.0.113.9', '203.0.113.9'],
      ['unknown', '127.0.0.1'],
      ['<script>', '127.0.0.1'],
    ] as const)
      expect(await recorded(forwarded), forwarded).to.equal(ip)
  })

  it('counts failures by address, whatever port, letter case or suffix it is written with', async () => {
    await open({ TRUST_PROXY: '127.0.0.1', LIMIT_FAILED_PER_MINUTE: '3' })
    const reasons = async (forwarded: readonly string[]) => {
      const seen: unknown[] = []
      for (const one of forwarded) seen.push((await exchange(one, world.token({ sub: 'nobody' }))).body.reason)
      return seen
    }
    const limited = ['no_account_matches', 'no_account_matches', 'no_account_matches', 'rate_limited']
    const ports = ['203.0.113.9:1', '203.0.113.9:2', '203.0.113.9', '203.0.113.9:4']
    expect(await reasons(ports)).to.deep.equal(limited)
    // One /64 is one subscriber's.
    const sixes = ['2001:db8::1', '2001:DB8:0:0:ffff::2', '[2001:db8::3]:9', '2001:db8:0:0::4']
    expect(await reasons(sixes)).to.deep.equal(limited)
    expect(await reasons(['2001:db8:0:1::1', '198.51.100.7'])).to.deep.equal(limited.slice(0, 2))
  })
})
