import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { expect } from 'chai'
import { parseIssuerNetwork } from '../../../src/server/issuers/network.ts'
import { addressesOf, byNameServer } from '../../../src/server/issuers/resolve.ts'

describe('issuers/resolve', () => {
  let server: Socket
  let at: string
  /** What the name server answers to a question; nothing when undefined. */
  let answer: ((query: Buffer) => Buffer | undefined) | undefined
  before(async () => {
    server = createSocket('udp4').bind(0, '127.0.0.1')
    server.on('message', (query, { port, address }) => {
      const said = answer?.(query)
      if (said) server.send(said, port, address)
    })
    await once(server, 'listening')
    at = `127.0.0.1:${server.address().port}`
  })
  after(() => void server.close())

  /** RFC 1035 §4.1: the question, and for type A one address. */
  const withAddress = (query: Buffer) => {
    const end = query.indexOf(0, 12) + 5
    const isA = query.readUInt16BE(end - 4) === 1
    const head = Buffer.from(query.subarray(0, 12))
    head.writeUInt16BE(0x8180, 2)
    head.writeUInt16BE(isA ? 1 : 0, 6)
    head.writeUInt32BE(0, 8)
    const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 203, 0, 113, 7])
    return Buffer.concat([head, query.subarray(12, end), ...(isA ? [record] : [])])
  }

  it('asks the name servers', async () => {
    answer = withAddress
    const signal = AbortSignal.timeout(5_000)
    expect(await byNameServer('idp.example', signal, [at])).to.deep.equal(['203.0.113.7'])
  })

  it('goes on with the addresses of one family when nobody answers for the other', async () => {
    const isA = (query: Buffer) => query.readUInt16BE(query.indexOf(0, 12) + 1) === 1
    answer = (query) => (isA(query) ? withAddress(query) : undefined)
    const signal = AbortSignal.timeout(5_000)
    expect(await byNameServer('idp.example', signal, [at])).to.deep.equal(['203.0.113.7'])
    expect(signal.aborted).to.equal(false)
  })

  it('ends with the signal when they keep silent, and holds nobody else up', async () => {
    answer = undefined
    const aborting = new AbortController()
    const silent = Array.from({ length: 8 }, (_, i) => byNameServer(`silent-${i}.example`, aborting.signal, [at]))
    // Four of the platform's own look-ups would now keep this one waiting.
    expect(await addressesOf(parseIssuerNetwork('any'))('localhost', aborting.signal)).to.include('127.0.0.1')
    aborting.abort()
    const outcomes = await Promise.allSettled(silent)
    expect(outcomes.map(({ status }) => status)).to.deep.equal(Array(8).fill('rejected'))
  })

  it('takes a name of the hosts file from there, whoever named it', async () => {
    const addresses = await addressesOf(parseIssuerNetwork('public'))('localhost', AbortSignal.timeout(5_000))
    expect(addresses).to.include('127.0.0.1')
  })
})
