/** How the console is served: to browsers that go to an address, and to nobody who asks for something else. */
import { request } from 'node:http'
import { expect } from 'chai'
import { ensureConsole } from '../../bin/build-console.js'
import { type Service, startService } from '../support/server.ts'

type Got = { status: number; headers: Record<string, string | string[] | undefined>; body: Buffer }

/** As it comes over the wire: fetch would undo what was compressed. */
const get = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
  new Promise<Got>((resolve, reject) => {
    request(url, { method, headers }, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks) }))
    })
      .on('error', reject)
      .end()
  })
const asPage = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

for (const path of ['', '/identity'])
  describe(`journey: the console, below "${path}"`, () => {
    let service: Service
    before(async () => {
      await ensureConsole()
      const at = path === '' ? {} : { PUBLIC_URL: `http://id.example${path}` }
      service = await startService({ env: at })
    })
    after(() => service?.close())

    const html = async (below: string) => get(`${service.url}${below}`, asPage)
    const scriptOf = (page: Got) => /<script type="module"[^>]* src="([^"]+)"/.exec(page.body.toString())?.[1] ?? ''

    it('is one page, at the root and below every name that is not ours', async () => {
      for (const below of ['/', '/acme', '/acme/ml/service-accounts', '/sign-in', '/profile']) {
        const page = await html(path + below)
        expect(page.status, below).to.equal(200)
        expect(page.headers['content-type'], below).to.match(/^text\/html/)
        expect(page.headers['cache-control'], below).to.equal('no-store')
        expect(scriptOf(page), below).to.match(new RegExp(`^${path}/assets/[\\w.-]+\\.js$`))
        expect(page.body.toString(), below).to.contain(`name="countersign-url" content="${service.publicUrl}"`)
      }
    })

    it('lets nothing in but its own files, and each time a style of another nonce', async () => {
      const pages = [await html('/'), await html('/')]
      const [one, other] = pages.map(({ body, headers }) => {
        const policy = String(headers['content-security-policy'])
        expect(policy).to.match(/^default-src 'none';script-src 'self';style-src 'self' 'nonce-[\w-]{22}';/)
        expect(policy).to.contain("frame-ancestors 'none'").and.contain("base-uri 'none'").and.not.contain('unsafe')
        const nonce = /'nonce-([\w-]+)'/.exec(policy)?.[1] ?? ''
        expect(body.toString()).to.contain(`nonce="${nonce}"`)
        return nonce
      })
      expect(one).to.not.equal(other)
      expect(pages[0]?.headers['x-frame-options']).to.equal('DENY')
    })

    it('is no answer to a program, nor to a path of ours that is not there', async () => {
      for (const [below, headers] of [
        ['/acme', {}],
        ['/acme', { accept: 'application/json' }],
        ['/api/v1/nope', asPage],
        ['/api/v2', asPage],
        ['/oauth/nope', asPage],
        ['/orgs/acme/nope', asPage],
        ['/assets/nope.js', asPage],
        ['/.well-known/nope', asPage],
      ] as const) {
        const { status, headers: said, body } = await get(`${service.url}${below}`, headers)
        expect(status, below).to.equal(404)
        expect(said['content-type'], below).to.match(/json/)
        expect(JSON.parse(body.toString()).reason ?? JSON.parse(body.toString()).error, below).to.be.a('string')
      }
      expect((await get(`${service.url}/acme`, asPage, 'POST')).status).to.equal(404)
    })

    it('gives its files compressed to who can read that, to be kept for ever', async () => {
      const script = `${service.url}${scriptOf(await html('/'))}`
      const plain = await get(script)
      for (const [accepted, encoding] of [
        ['br, gzip', 'br'],
        ['gzip', 'gzip'],
        ['identity', undefined],
        ['br;q=0, gzip;q=0', undefined],
      ] as const) {
        const { status, headers, body } = await get(script, { 'accept-encoding': accepted })
        expect(status).to.equal(200)
        expect(headers['content-encoding'], accepted).to.equal(encoding)
        expect(headers['cache-control']).to.equal('public, max-age=31536000, immutable')
        expect(headers.vary).to.equal('Accept-Encoding')
        expect(headers['content-type']).to.match(/javascript/)
        expect(headers['x-content-type-options']).to.equal('nosniff')
        if (encoding) expect(body.length).to.be.lessThan(plain.body.length / 2)
        else expect(body.equals(plain.body)).to.equal(true)
      }
      expect((await get(script, {}, 'HEAD')).body.length).to.equal(0)
      for (const way of ['/assets/..%2findex.html', '/assets/%2e%2e/index.html', '/assets/.built', '/assets/'])
        expect((await get(`${service.url}${way}`)).status, way).to.equal(404)
    })
  })
