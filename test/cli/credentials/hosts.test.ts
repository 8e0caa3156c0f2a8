/** Who may have a token: what was named, and nothing that merely looks like it. */
import { expect } from 'chai'
import { entryFor, namedHosts, placeOf } from '../../../src/cli/credentials/hosts.ts'

const named = namedHosts([
  'git.example=https://git.example, registry.example:5000=https://registry.example',
  'code.example/acme=urn:acme code.example/acme/deep=urn:deep',
  '127.0.0.1:8081=urn:here [::1]:8081=urn:there',
])
const targetOf = (text: string) => {
  const place = placeOf(text)
  return place && entryFor(named, place)?.target
}

describe('cli/credentials/hosts', () => {
  for (const [asked, target] of [
    ['git.example', 'https://git.example'],
    ['https://git.example', 'https://git.example'],
    ['https://git.example:443/any/path.git', 'https://git.example'],
    ['https://GIT.Example/', 'https://git.example'],
    ['https://git.example/a%2f..', 'https://git.example'],
    ['registry.example:5000', 'https://registry.example'],
    ['https://registry.example:5000/v1/', 'https://registry.example'],
    ['https://code.example/acme', 'urn:acme'],
    ['https://code.example/acme/app.git', 'urn:acme'],
    ['https://code.example/acme/deep/app.git', 'urn:deep'],
    ['http://127.0.0.1:8081', 'urn:here'],
    ['http://[::1]:8081/x', 'urn:there'],
  ] as const)
    it(`knows ${asked}`, () => expect(targetOf(asked)).to.equal(target))

  for (const asked of [
    'http://git.example',
    'http://git.example:443',
    'https://git.example:80',
    'https://git.example:8443',
    'https://evil.git.example',
    'https://git.example.evil.example',
    'https://evilgit.example',
    'https://git.example@evil.example',
    'https://evil.example/git.example',
    'https://evil.example?git.example',
    'https://evil.example#git.example',
    'https://git.example\\@evil.example',
    'https://git.example evil.example',
    'https://git.example\nhost=evil.example',
    'ftp://git.example',
    'registry.example',
    'https://code.example',
    'https://code.example/',
    'https://code.example/acmeevil/app.git',
    'https://code.example/evil/acme',
    'https://code.example/acme/../evil/app.git',
    'https://code.example/acme/%2e%2e/evil',
    'https://code.example//acme/app.git',
    'http://127.0.0.1',
    'http://127.0.0.1.evil.example:8081',
    '',
    'https://',
  ])
    it(`does not know ${JSON.stringify(asked)}`, () => expect(targetOf(asked)).to.equal(undefined))

  for (const text of ['*.example', 'a.example/../b', 'user@a.example', '=urn:x', 'a.example=no-uri', 'a.example?x'])
    it(`refuses ${text} as an entry`, () => expect(() => namedHosts([text])).to.throw())
})
