import { expect } from 'chai'
import { protectCodes } from '../../../src/console/pages/resource-servers/protect-codes.ts'

describe('console: how an API asks about its callers', () => {
  const codes = (audience: string) =>
    Object.fromEntries(
      protectCodes('https://id.example/base', 'acme', audience).map(({ title, text }) => [title, text]),
    )

  it('asks the service at its own address, with the key in a variable', () => {
    const { curl, Introspection } = codes('https://tracker.example')
    expect(curl).to.contain('curl https://id.example/base/access/v1/evaluation')
    expect(Introspection).to.contain('curl https://id.example/base/oauth/introspect -H "Authorization: Bearer $SERVER"')
  })

  it('writes any audience as one text of JavaScript, which nothing in it ends', () => {
    for (const audience of ['https://tracker.example', `https://x.example/'+alert(1)+'`, 'https://x.example/"\\n']) {
      const line = codes(audience)
        ['Node.js']?.split('\n')
        .find((one) => one.includes('audience:'))
      const literal = /audience: ('.*'),$/.exec(line ?? '')?.[1]
      expect(new Function(`return ${literal}`)()).to.equal(audience)
    }
  })
})
