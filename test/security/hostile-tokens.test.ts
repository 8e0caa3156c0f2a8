/** Every hostile token of the corpus, sent to a service that runs: refused for its own reason, while its twin is accepted. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { cast } from '../support/cast.ts'
import { compose, otherSpelling, signatureIn, withSignature } from '../support/forge.ts'
import { call, type Service, startService } from '../support/server.ts'
import { createWorld, must, type World } from '../support/world.ts'
import { good, hostileTokens, type Rule, rules, type Scene, trusted } from '../vectors/hostile-tokens.ts'

describe('hostile tokens', () => {
  let service: Service
  let elsewhere: Server
  let world: World
  let standing: Omit<Scene, 'now'>
  let askedElsewhere = 0
  const scene = (): Scene => ({ ...standing, now: Math.floor(Date.now() / 1000) })

  before(async () => {
    elsewhere = createServer((_req, res) => {
      askedElsewhere++
      res.end(JSON.stringify({ keys: [standing.attacker.es256.jwk] }))
    })
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
    service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '0' } })
    standing = {
      ...cast(),
      audience: `${service.publicUrl}/orgs/acme`,
      elsewhere: '',
      own: { accessToken: '', apiKey: '' },
    }
    const { issuer, keys, other, narrow, foreign } = standing
    const setOf = (...signers: { jwk: object }[]) => ({ keys: signers.map(({ jwk }) => jwk) })
    const provider = { issuer, token: () => good(scene()) }
    world = await createWorld(service, provider, { issuer: { jwks: setOf(...Object.values(keys)) } })
    for (const [name, subject] of Object.entries(trusted)) if (name !== 'job') await world.external(name, subject)
    const further = async (name: string, fields: object) => {
      await world.make('/issuers', { name, ...fields })
      await world.external(`of-${name}`, trusted.job, { trust: { issuer: name, subject: trusted.job } })
    }
    await further('other', { issuer: other.issuer, jwks: setOf(other.keys.rsa, other.keys.es256) })
    await further('narrow', { issuer: narrow.issuer, algorithms: ['RS256'], jwks: setOf(keys.rsa, keys.es256) })
    await further('once', {
      issuer,
      audiences: ['once'],
      single_use: true,
      jwks: setOf(keys.es256, keys.es384, keys.es512),
    })
    const hostileAdmin = await createWorld(service, provider, {
      org: 'globex',
      issuer: { jwks: setOf(foreign.key) },
    })
    standing = {
      ...standing,
      foreign: { ...foreign, audience: hostileAdmin.audience },
      elsewhere: `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/jwks`,
      own: { accessToken: await world.granted(good(scene())), apiKey: world.apiKey },
    }
  })
  after(async () => {
    await service?.close()
    elsewhere?.close()
  })

  for (const [rule, sentence] of Object.entries(rules))
    describe(sentence, () => {
      for (const { attack, from, reason, token, twin } of hostileTokens.filter((row) => row.rule === (rule as Rule)))
        it(`${attack} (${from}): ${reason}`, async () => {
          const assertion = token(scene())
          const { status, body } = await world.exchange(assertion)
          expect({ status, reason: body.reason }).to.deep.equal({ status: 400, reason })
          expect(body.error).to.equal('invalid_grant')
          expect(body).to.not.have.property('access_token')
          const explained = await world.api('POST', '/explain', { assertion })
          expect([explained.status, explained.body.outcome, explained.body.reason], 'explained').to.deep.equal([
            200,
            'refused',
            // What it is for another organization is not told to this one.
            attack.startsWith('a good token for an organization') ? 'audience_not_accepted' : reason,
          ])
          const nearest = await world.exchange(twin(scene()))
          expect([nearest.status, nearest.body.reason], 'its twin').to.deep.equal([200, undefined])
        })
    })

  it('each has a name of its own', () => {
    const names = hostileTokens.map(({ rule, attack, from }) => `${rule} ${attack} ${from}`)
    expect(names.filter((name, at) => names.indexOf(name) !== at)).to.deep.equal([])
  })

  it('white space around a token is none of it, and inside its JSON is its own', async () => {
    for (const spelling of [`${good(scene())}\n`, ` \t\r\n\f${good(scene())}`])
      expect((await world.exchange(spelling)).status).to.equal(200)
  })

  // RFC 7518 §3.4 has no rule against the greater of the two, and issuers do not choose: about half of all tokens have it.
  for (const curve of ['ES256', 'ES384', 'ES512'] as const)
    for (const jti of [undefined, 'j1'])
      it(`both spellings of one ${curve} signature are one use, ${jti ? 'by its jti' : 'by what was signed'}`, async () => {
        const now = Math.floor(Date.now() / 1000)
        const claims = { iss: standing.issuer, sub: trusted.job, aud: 'once', iat: now, exp: now + 300, n: curve }
        const signer = standing.keys[curve.toLowerCase() as 'es256']
        const make = () =>
          compose(
            JSON.stringify({ alg: curve, kid: signer.kid }),
            JSON.stringify({ ...claims, ...(jti && { jti: `${jti}-${curve}` }) }),
            signer,
          )
        const first = make()
        const second = withSignature(first, otherSpelling(curve, signatureIn(first)))
        // Whichever comes first: the greater one alone is accepted too.
        const [one, two] = curve === 'ES384' ? [second, first] : [first, second]
        expect((await world.exchange(one)).status).to.equal(200)
        for (const again of [two, one, make()])
          expect((await world.exchange(again)).body.reason).to.equal('token_replayed')
      })

  it('nobody was asked for a key, and nothing of all that was a bug of ours', async () => {
    expect(askedElsewhere).to.equal(0)
    expect(service.lines.filter(({ level }) => level === 50 || level === 60)).to.deep.equal([])
    expect(await must(call(service, 'GET', '/readyz'))).to.deep.include({ status: 'ok' })
  })
})
