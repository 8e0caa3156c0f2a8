/** It is to @countersign/client what the global fetch is. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { lightFetch } from '../../../src/cli/job/light-fetch.ts'
import { freePort } from '../../support/free-port.ts'
import { inProcess, type JobWorld, startJobWorld } from '../../support/job-world.ts'

describe('cli/job/light-fetch', () => {
  const fetches = { light: lightFetch(() => 'agent'), global: globalThis.fetch }
  let server: Server
  let answer: RequestListener
  let url: string
  before(async () => {
    server = createServer((req, res) => answer(req, res))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a?b=c`
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })

  const textOf = async ({ body }: Response) => {
    const reader = body?.getReader()
    const decoder = new TextDecoder()
    let text = ''
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true }
      if (done) return text
      text += decoder.decode(value, { stream: true })
    }
  }

  for (const [name, fetch] of Object.entries(fetches)) {
    describe(name, () => {
      it('sends what it is given, and gives what comes', async () => {
        const heard: unknown[] = []
        answer = async (req, res) => {
          let text = ''
          for await (const piece of req) text += piece
          const { accept, 'content-type': type, 'content-length': length } = req.headers
          heard.push({ method: req.method, url: req.url, accept, type, length, text })
          res.writeHead(201, { 'X-Request-Id': 'req_1' })
          res.write('ü ')
          setImmediate(() => res.end('and more'))
        }
        const got = await fetch(new URL(url), {
          method: 'POST',
          headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
          body: 'a=%C3%BC&b=ü',
        })
        expect(heard).to.deep.equal([
          {
            method: 'POST',
            url: '/a?b=c',
            accept: 'application/json',
            type: 'application/x-www-form-urlencoded',
            length: '13',
            text: 'a=%C3%BC&b=ü',
          },
        ])
        expect({ status: got.status, ok: got.ok, url: got.url }).to.deep.equal({ status: 201, ok: true, url })
        expect(got.headers.get('x-request-ID')).to.equal('req_1')
        expect(got.headers.get('x-other')).to.equal(null)
        expect(await textOf(got)).to.equal('ü and more')
      })

      it('follows no redirect', async () => {
        let asked = 0
        answer = (_, res) => {
          asked++
          res.writeHead(307, { location: '/elsewhere' }).end()
        }
        expect((await fetch(url, { redirect: 'manual' })).status).to.equal(307)
        expect(asked).to.equal(1)
      })

      it('says what failed as its cause, and the reason of a signal as it is', async () => {
        const failure = await fetch(`http://127.0.0.1:${await freePort()}/`).catch((error) => error)
        expect(failure).to.be.instanceOf(TypeError)
        expect(failure.cause.code).to.equal('ECONNREFUSED')
        answer = () => {}
        const stop = new AbortController()
        const reason = new Error('enough')
        const asked = fetch(url, { signal: stop.signal }).catch((error) => error)
        server.once('request', () => stop.abort(reason))
        expect(await asked).to.equal(reason)
        expect(await fetch(url, { signal: stop.signal }).catch((error) => error)).to.equal(reason)
      })

      it('ends in the middle of an answer when the signal does', async () => {
        const stop = new AbortController()
        answer = (_, res) => void res.writeHead(200).write('begun')
        const reader = (await fetch(url, { signal: stop.signal })).body?.getReader()
        await reader?.read()
        const more = reader?.read().catch((error) => error)
        stop.abort(new Error('enough'))
        expect(await more).to.be.instanceOf(Error)
      })
    })
  }

  describe('in the command', () => {
    let job: JobWorld
    before(async () => {
      job = await startJobWorld()
    })
    after(() => job?.close())

    it('a redirect, an endless answer and one that is no token are no token', async () => {
      const env = { ...job.env, COUNTERSIGN_URL: `${new URL(url).origin}/orgs/acme` }
      const words = ['token', '--timeout', '2']
      answer = (_, res) => void res.writeHead(307, { location: job.world.audience }).end()
      expect(await inProcess(words, { env })).to.include({ code: 2, stdout: '' })
      answer = (_, res) => void res.writeHead(200, { 'content-type': 'application/json' }).end('{"access_token":"a b"}')
      expect(await inProcess(words, { env })).to.include({ code: 2, stdout: '' })
      answer = (_, res) => void res.writeHead(200).end(' '.repeat(2_000_000))
      expect((await inProcess(words, { env })).stdout).to.equal('')
    })
  })
})
