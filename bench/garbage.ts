/** What strangers send: tokens of every kind that is refused, early and late, each its own. */
import { type KeyObject, randomBytes } from 'node:crypto'
import { grantTypes } from '../src/protocol/oauth.ts'
import { audience, forms } from './assertions.ts'

const formOf = (assertion: string) => `${new URLSearchParams({ grant_type: grantTypes.jwtBearer, assertion })}`
const assertionIn = (form: string) => String(new URLSearchParams(form).get('assertion'))

/** Forms for the token endpoint, the kinds in turn. `key`: of the issuer that is trusted; `stranger`: anybody's. */
export async function garbage(
  count: number,
  key: { kid: string; privateKey: KeyObject },
  stranger: { kid: string; privateKey: KeyObject },
): Promise<string[]> {
  const each = Math.ceil(count / 6)
  const good = (await forms(each, key)).map(assertionIn)
  const unsigned = (await forms(each, { ...stranger, kid: key.kid })).map(assertionIn)
  const unknownKid = (await forms(each, stranger)).map(assertionIn)
  const nobody = (await forms(each, key, [{ subject: 'repo:evil/app:ref:refs/heads/main', audience }])).map(assertionIn)
  const elsewhere = await forms(each, key, [{ subject: 'x', audience: 'https://elsewhere.example' }])
  return Array.from({ length: each }, (_, i) => [
    // Noise in the shape of a token; a good one with its middle changed; the longest that is read at all.
    formOf(
      `${randomBytes(300).toString('base64url')}.${randomBytes(600).toString('base64url')}.${randomBytes(256).toString('base64url')}`,
    ),
    formOf((good[i] as string).replace('.', '.e30')),
    // Of the trusted issuer by its word: the signature is what is wrong, the key, the audience, the subject.
    formOf(unsigned[i] as string),
    formOf(unknownKid[i] as string),
    elsewhere[i] as string,
    formOf(nobody[i] as string),
  ])
    .flat()
    .slice(0, count)
}
