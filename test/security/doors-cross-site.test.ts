/** A page of another site makes a browser change nothing here, and a program that is no browser is not hindered. */

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express from 'express'
import { Refusal } from '../../src/server/errors/refusal.ts'
import { sameOrigin } from '../../src/server/http/same-origin.ts'
import { type Doors, openDoors } from '../support/doors.ts'
import { ask, type Said } from '../support/plain-http.ts'
import { speak } from '../support/raw-http.ts'
import { call, type Service, startService } from '../support/server.ts'

type Headers = Record<string, string>
type Paths = Record<string, { post?: { requestBody?: { content: object } } }>
const publicUrl = 'https://id.example/base'
const own = 'https://id.example'

/** What browsers, and what is none, say of where they ask from. `host`: as which the request asks for us. */
const mayChange: Record<string, Headers> = {
  'a program': {},
  'our page': { Origin: own, 'Sec-Fetch-Site': 'same-origin' },
  'our page, in a browser that says less': { Origin: own },
  'our page, reached at another name': {
    Origin: 'http://127.0.0.1:1',
    Host: '127.0.0.1:1',
    'Sec-Fetch-Site': 'same-origin',
  },
  'our page, reached at another name, by a proxy that ends TLS': {
    Origin: 'https://other.example',
    Host: 'other.example',
  },
  'the user, by hand': { 'Sec-Fetch-Site': 'none' },
  'our page, which hides where it stands': { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' },
}
const mayNot: Record<string, Headers> = {
  'a page of another site': { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' },
  'a page of another site, in a browser that says less': { Origin: 'https://evil.example' },
  'a page of another site, without Origin': { 'Sec-Fetch-Site': 'cross-site' },
  'a page of a neighbour': { Origin: 'https://other.id.example', 'Sec-Fetch-Site': 'same-site' },
  'a page of a neighbour, without Origin': { 'Sec-Fetch-Site': 'same-site' },
  'another port of ours': { Origin: 'https://id.example:8443', 'Sec-Fetch-Site': 'same-site' },
  'our name over plain http': { Origin: 'http://id.example' },
  'a name that begins like ours': { Origin: 'https://id.example.evil.example' },
  'our URL with its path': { Origin: publicUrl },
  'ours and another in one': { Origin: `${own}, https://evil.example` },
  'a page of another site that hides where it stands': { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' },
  'two who say same-origin': { 'Sec-Fetch-Site': 'same-origin, same-origin' },
  'a word that nobody knows': { 'Sec-Fetch-Site': 'SAME-ORIGIN' },
  'another Origin than Sec-Fetch-Site': { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'same-origin' },
  'no Origin at all': { Origin: '' },
}
const hidden = { Origin: 'null' }

const pairs = (headers: Headers) => Object.entries(headers)

describe('a request that may change something', () => {
  let server: Server
  let port: number
  before(async () => {
    const app = express().use(sameOrigin({ publicUrl: () => publicUrl }))
    app.use((_req, res) => void res.end('done'))
    app.use(
      (_error: unknown, _req: express.Request, res: express.Response, _next: express.NextFunction) =>
        void res.status(403).end(),
    )
    server = createServer(app)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    port = (server.address() as AddressInfo).port
  })
  after(() => void server?.close())
  async function statusOf(method: string, headers: Headers): Promise<number | undefined> {
    const head = pairs({ Host: 'internal:8080', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
    const { answers } = await speak(port, `${method} / HTTP/1.1\r\n${head.join('')}Connection: close\r\n\r\n`)
    return answers[0]?.status
  }

  const unsafe = ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']
  for (const [who, headers] of Object.entries(mayChange))
    it(`of ${who}: is heard`, async () => {
      for (const method of unsafe) expect(await statusOf(method, headers), method).to.equal(200)
    })
  for (const [who, headers] of Object.entries({ ...mayNot, 'a page that hides where it stands': hidden }))
    it(`of ${who}: 403, and looking is free`, async () => {
      for (const method of unsafe) expect(await statusOf(method, headers), method).to.equal(403)
      for (const method of ['GET', 'HEAD', 'OPTIONS']) expect(await statusOf(method, headers), method).to.equal(200)
    })
})

describe('the set-up form', () => {
  let doors: Doors
  let made = 0
  before(async () => {
    doors = await openDoors({}, publicUrl, {
      // The key that was made is nobody's here: nobody is signed in by it.
      identify: async () => {
        throw new Refusal('unauthenticated')
      },
      setup: {
        check: async () => {},
        finish: async () => {
          made++
          return { api_key: 'csk_made' }
        },
      },
    })
  })
  after(() => doors?.close())
  const body = String(new URLSearchParams({ name: 'acme', username: 'ada', email: 'ada@acme.example' }))
  const post = (headers: Headers): Promise<Said> =>
    ask(`http://127.0.0.1:${doors.port}`, '/base/setup/secret', {
      method: 'POST',
      headers: [['Content-Type', 'application/x-www-form-urlencoded'], ...pairs(headers)],
      body,
    })

  for (const [who, { Host: _, ...headers }] of Object.entries(mayNot))
    it(`of ${who}: 403, and nothing is made`, async () => {
      made = 0
      const { status, text } = await post(headers)
      expect([status, JSON.parse(text).reason]).to.deep.equal([403, 'cross_site'])
      expect(JSON.parse(text).detail).to.contain(`${own} (PUBLIC_URL)`)
      expect(made).to.equal(0)
    })

  it('of our page and of a program: is taken', async () => {
    made = 0
    const here = `http://127.0.0.1:${doors.port}`
    const ours: Headers[] = [{}, { Origin: own }, { Origin: here, 'Sec-Fetch-Site': 'same-origin' }]
    for (const headers of ours) expect((await post(headers)).status).to.equal(200)
    // It sends no referrer, since its address is a secret; so a browser says no more, over plain http.
    for (const headers of [hidden, { ...hidden, 'Sec-Fetch-Site': 'same-origin' }])
      expect((await post(headers)).status).to.equal(200)
    expect(made).to.equal(5)
  })
})

describe('the admin API', () => {
  let service: Service
  before(async () => {
    service = await startService()
    await call(service, 'POST', '/api/v1/orgs', { secret: service.operatorKey, json: { name: 'acme' } })
  })
  after(() => service?.close())

  /** What a page may send anywhere without asking first (Fetch, "CORS-safelisted request-header"). */
  const simple = [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain;application/json',
  ]
  for (const [path, json] of [
    ['/api/v1/orgs', '{"name":"other"}'],
    ['/api/v1/orgs/acme/teams', '{"name":"ml"}'],
    ['/api/v1/signing-keys/rotate', '{}'],
  ] as const)
    it(`POST ${path}: takes JSON, and nothing that a form can send`, async () => {
      for (const type of simple) {
        const headers = { 'content-type': type, authorization: `Bearer ${service.operatorKey}` }
        const answer = await fetch(service.url + path, { method: 'POST', headers, body: json })
        expect(answer.status, type).to.equal(415)
      }
    })

  it('has no route that a page could ask by a form: each POST has a body, and each body is JSON', async () => {
    const { paths } = (await call(service, 'GET', '/api/v1/openapi.json')).body as { paths: Paths }
    const posts = Object.entries(paths).filter(([path, { post }]) => path.startsWith('/api/v1/') && post)
    expect(posts.length).to.be.greaterThan(20)
    for (const [path, { post }] of posts)
      expect(Object.keys(post?.requestBody?.content ?? {}), path).to.deep.equal(['application/json'])
  })

  it('answers no preflight with leave to send anything', async () => {
    for (const path of ['/api/v1/orgs', '/oauth/token', '/oauth/jwks', '/setup/secret']) {
      const headers = {
        origin: 'https://evil.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      }
      const { headers: said } = await call(service, 'OPTIONS', path, { headers })
      expect([...said.keys()].filter((name) => name.startsWith('access-control'))).to.deep.equal([])
    }
  })
})
