import { expect } from 'chai'
import { judgeUrl, mayConnect, parseIssuerNetwork, publicNetwork } from '../../../src/server/issuers/network.ts'

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

    const bad = [
      '',
      'idp.example',
      '//idp.example',
      'http://idp.example',
      'HTTP://idp.example',
      'ftp://idp.example',
      'file:///etc/passwd',
      'https:idp.example',
      'https:///idp.example',
      'https://idp.example:8443',
      'https://idp.example:80',
      'https://user@idp.example',
      'https://user:password@idp.example',
      'https://@idp.example',
      'https://idp.example?',
      'https://idp.example/?a=b',
      'https://idp.example/#',
      'https://idp.example/#a',
      'https://idp.example\\evil.example',
      ' https://idp.example',
      'https://idp.example\n',
      'https://idp.exa\tmple',
      'https://①②⑦.⓪.⓪.①',
      'https://127.0.0.1',
      'https://8.8.8.8',
      'https://2130706433',
      'https://0x7f.1',
      'https://127.1',
      'https://0',
      'https://017700000001',
      'https://127.0.0.1.',
      'https://[::1]',
      'https://[::ffff:127.0.0.1]',
      'https://[2606:4700::1111]',
      'https://localhost',
      'https://keycloak',
      'https://idp.example.',
      'https://metadata',
      `https://idp.example/${'a'.repeat(2048)}`,
    ]
    for (const url of bad) {
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

    const shut = [
      ...['0.0.0.0', '0.1.2.3', '10.0.0.1', '100.64.0.1', '100.100.100.200', '127.0.0.1', '127.255.255.255'],
      ...['169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.1', '192.0.0.192', '192.0.2.1', '192.88.99.1'],
      ...['192.168.1.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
      ...['168.63.129.16', '::', '::1', '::127.0.0.1', '::8.8.8.8', '::ffff:127.0.0.1', '::ffff:8.8.8.8'],
      ...[
        '::ffff:0:8.8.8.8',
        '64:ff9b::8.8.8.8',
        '64:ff9b::7f00:1',
        '64:ff9b:1::1',
        '100::1',
        'fc00::1',
        'fd00:ec2::254',
      ],
      ...['fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1', '2001::1', '2001:db8::1', '2001:20::1', '2002:7f00:1::1'],
      ...[
        '2002:808:808::1',
        '3fff::1',
        '4000::1',
        '5f00::1',
        'fe00::1',
        '2606:4700::1111%1',
        '',
        'idp.example',
        '2130706433',
      ],
    ]
    for (const address of shut) {
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
