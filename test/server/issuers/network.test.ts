import { expect } from 'chai'
import { judgeUrl, mayConnect, parseIssuerNetwork, publicNetwork } from '../../../src/server/issuers/network.ts'
import { hostileUrls, privateAddresses } from '../../vectors/hostile-urls.ts'

describe('issuers/network', () => {
  const any = parseIssuerNetwork('any')
  const listed = parseIssuerNetwork('10.0.0.0/8, idp.corp.example:8443 ,fd00::/8,keycloak,192.0.2.7')

  describe('judgeUrl', () => {
    const good = [
      'https://idp.example',
      'https://idp.example/',
      'https://idp.example:443/realms/a',
      'https://a.b.example/@me/%20',
      'https://IDP.example',
    ]
    for (const url of good) it(`takes ${url}`, () => expect(judgeUrl(url, publicNetwork)).to.equal(undefined))

    for (const url of hostileUrls) {
      it(`refuses ${JSON.stringify(url.slice(0, 60))}`, () => expect(judgeUrl(url, publicNetwork)).to.match(/^must /))
    }

    it('lets the operator allow a host, and the port named with it', () => {
      expect(judgeUrl('https://keycloak/realms/a', listed)).to.equal(undefined)
      expect(judgeUrl('https://idp.corp.example:8443', listed)).to.equal(undefined)
      expect(judgeUrl('https://idp.corp.example:8444', listed)).to.match(/port/)
      expect(judgeUrl('https://keycloak:8443', listed)).to.match(/port/)
      expect(judgeUrl('http://keycloak', listed)).to.match(/https/)
      expect(judgeUrl('https://10.0.0.1', listed)).to.match(/IP address/)
    })

    it('takes http, literals and ports where anything goes, and never credentials or queries', () => {
      expect(judgeUrl('http://127.0.0.1:8080/a', any)).to.equal(undefined)
      expect(judgeUrl('https://[::1]:8443', any)).to.equal(undefined)
      expect(judgeUrl('http://localhost', any)).to.equal(undefined)
      for (const url of ['http://a@b', 'http://b?c', 'http://b#c', 'ftp://b'])
        expect(judgeUrl(url, any)).to.match(/^must/)
    })
  })

  describe('mayConnect', () => {
    const open = [
      '8.8.8.8',
      '1.1.1.1',
      '172.15.255.255',
      '172.32.0.0',
      '2606:4700::1111',
      '2a00:1450::1',
      '2001:4860::8888',
    ]
    for (const address of open) {
      it(`allows ${address}`, () => expect(mayConnect(address, 'idp.example', publicNetwork)).to.equal(true))
    }

    for (const address of privateAddresses) {
      it(`refuses ${address || 'nothing'}`, () =>
        expect(mayConnect(address, 'idp.example', publicNetwork)).to.equal(false))
    }

    it('lets the operator allow networks, and whatever a host that is named leads to', () => {
      expect(mayConnect('10.200.0.1', 'idp.example', listed)).to.equal(true)
      expect(mayConnect('192.0.2.7', 'idp.example', listed)).to.equal(true)
      expect(mayConnect('fd12::1', 'idp.example', listed)).to.equal(true)
      expect(mayConnect('::ffff:10.0.0.1', 'idp.example', listed)).to.equal(false)
      expect(mayConnect('192.168.0.1', 'idp.example', listed)).to.equal(false)
      expect(mayConnect('192.168.0.1', 'keycloak', listed)).to.equal(true)
      expect(mayConnect('8.8.8.8', 'idp.example', listed)).to.equal(true)
      expect(mayConnect('127.0.0.1', 'localhost', any)).to.equal(true)
    })
  })

  it('says which value of ISSUER_NETWORK cannot be', () => {
    for (const text of [
      '',
      'public,',
      '10.0.0.0/33',
      'any,public',
      'https://idp.example',
      'a b',
      '*.example',
      'idp:0',
      '1.2.3',
    ]) {
      expect(() => parseIssuerNetwork(text), text).to.throw(/^ISSUER_NETWORK: /)
    }
    expect(parseIssuerNetwork('public')).to.deep.equal(publicNetwork)
  })
})
