/** What counts as a token of ours: minted, signed, spelled and timed as we do it; all else is nobody's, though our key signed it. */
import { createPublicKey, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type AccessTokenClaims, tokenAlgorithms } from '../../../src/protocol/oauth.ts'
import { createNewId } from '../../../src/server/new-id.ts'
import { openStorage } from '../../../src/server/storage/open.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import type { Grant } from '../../../src/server/tokens/claims.ts'
import { createKeyring, type Keyring, type PublishedKey } from '../../../src/server/tokens/keyring.ts'
import { createMint } from '../../../src/server/tokens/mint.ts'
import { createMoments } from '../../../src/server/tokens/moments.ts'
import { type Bounds, createReadOwn, type ReadOwn } from '../../../src/server/tokens/own.ts'
import { createRevocations, type Revocations } from '../../../src/server/tokens/revocations.ts'
import { createSeal } from '../../../src/server/tokens/seal.ts'
import { generateKey, signedText, signedToken } from '../../support/identity-provider.ts'
import { noon } from '../../support/nouns.ts'

const grant: Grant = {
  principal: {
    id: 'sa_trainer',
    type: 'service_account',
    name: 'trainer',
    orgId: 'org_acme',
    org: 'acme',
    team: 'ml',
    method: 'federated',
    idp: { iss: 'https://token.example', sub: 'job-1' },
    via: ['tp_main', 'iss_ci'],
  },
  scope: 'projects:read',
  audience: 'https://id.example',
  lifetime: 900,
}
/** The same keys, which say so when they are used; the same for the same. */
function counting(use: () => void) {
  const known = new Map<PublishedKey, PublishedKey>()
  return (key: PublishedKey | undefined) => {
    if (!key) return undefined
    const counted = known.get(key) ?? {
      ...key,
      get publicKey() {
        use()
        return key.publicKey
      },
    }
    known.set(key, counted)
    return counted
  }
}
type Minted = { token: string; claims: AccessTokenClaims }
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

for (const alg of tokenAlgorithms) {
  describe(`tokens/own, signed with ${alg}`, () => {
    let dataDir: string
    let storage: Storage
    let now: number
    let issuer: string
    let keyring: Keyring
    let revocations: Revocations
    let readOwn: ReadOwn
    let reading: (bounds?: Bounds) => ReadOwn
    /** Whom the kid stands for; the keyring's own but where a test says otherwise. */
    let find: (kid: string) => PublishedKey | undefined
    /** Signatures that were checked: the public half is asked for then, and at no other time. */
    let checks: number
    let mint: (more?: Partial<Grant>) => Minted

    beforeEach(() => {
      now = noon
      issuer = 'https://id.example'
      checks = 0
      find = keyring?.find
    })
    // Once: making an RSA key takes its time.
    before(async () => {
      now = noon
      dataDir = mkdtempSync(join(tmpdir(), 'countersign-'))
      storage = await openStorage({ dataDir })
      const clock = () => now
      const moments = createMoments(clock)
      const seal = createSeal(randomBytes(32))
      keyring = createKeyring({ reading: storage.reading.signingKeys, seal, now: clock, alg, days: 30 })
      await storage.transaction(({ signingKeys }) => keyring.tend(signingKeys))
      await keyring.load()
      revocations = createRevocations({ reading: storage.reading.revocations, now: clock, moments })
      const counted = counting(() => checks++)
      reading = (bounds) =>
        createReadOwn({
          find: (kid) => counted(find(kid)),
          issuer: () => issuer,
          revocations,
          now: clock,
          ...(bounds && { bounds }),
        })
      readOwn = reading()
      const { newUlid } = createNewId(clock)
      const minted = createMint({ signing: keyring.signing, issuer: () => issuer, now: clock, moments, ulid: newUlid })
      mint = (more = {}) => {
        const { claims, response } = minted({ ...grant, ...more })
        return { token: response.access_token, claims }
      }
    })
    after(async () => {
      await storage.close()
      rmSync(dataDir, { recursive: true })
    })

    /** Signed with our own key, whatever it says. */
    const forged = (header: Record<string, unknown>, claims: unknown = mint().claims) => {
      const { kid, privateKey } = keyring.signing()
      return signedToken({ alg, typ: 'at+jwt', kid, ...header }, claims, privateKey)
    }

    it('is read as it was minted', () => {
      const { token, claims } = mint()
      expect(readOwn(token)).to.deep.equal(claims)
      expect(readOwn(forged({}, claims)), 'as the forgeries below are made').to.deep.equal(claims)
    })

    const headers: [what: string, header: Record<string, unknown>][] = [
      ['of another type', { typ: 'JWT' }],
      ['of our type in other letters', { typ: 'AT+JWT' }],
      ['of no type', { typ: undefined }],
      ['of another algorithm than its key’s', { alg: alg === 'EdDSA' ? 'ES256' : 'EdDSA' }],
      ['of our algorithm by another name', { alg: alg.toLowerCase() }],
      ['of no algorithm', { alg: undefined }],
      ['of the algorithm none', { alg: 'none' }],
      ['of an unknown key', { kid: 'unknown' }],
      ['of no key', { kid: undefined }],
      ['of a key that is no name', { kid: 7 }],
    ]
    for (const [what, header] of headers) {
      it(`is none ${what}`, () => {
        expect(readOwn(forged(header))).to.equal(undefined)
      })
    }

    it('is none signed by somebody else in the name of our key', () => {
      const theirs = generateKey(alg).privateKey
      expect(readOwn(signedToken({ alg, typ: 'at+jwt', kid: keyring.signing().kid }, mint().claims, theirs))).to.equal(
        undefined,
      )
    })

    it('is none when a claim was changed, or its signature is another token’s', () => {
      const { token, claims } = mint()
      const [head, , tail] = token.split('.')
      expect(readOwn(`${head}.${part({ ...claims, scope: 'projects:write' })}.${tail}`)).to.equal(undefined)
      const [, body] = mint().token.split('.')
      expect(readOwn(`${head}.${body}.${tail}`)).to.equal(undefined)
    })

    it('is none with a signature spelled in another way that means the same bytes', () => {
      const { token } = mint()
      const [input, tail] = [token.slice(0, token.lastIndexOf('.') + 1), token.slice(token.lastIndexOf('.') + 1)]
      const same = Buffer.from(tail, 'base64url')
      const others = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
        .map((last) => tail.slice(0, -1) + last)
        .filter((other) => other !== tail && Buffer.from(other, 'base64url').equals(same))
      // 64 bytes end in a character with four bits to spare, which say nothing; 384 bytes of an RSA key leave none.
      expect(others).to.have.length(alg === 'RS256' ? 0 : 15)
      const padded = [
        `${tail}==`,
        `${tail}=`,
        `${tail}A`,
        ` ${tail}`,
        `${tail}\n`,
        Buffer.from(tail, 'base64url').toString('base64'),
      ]
      for (const other of [...others, ...padded.filter((one) => one !== tail)])
        expect(readOwn(input + other), other).to.equal(undefined)
      expect(readOwn(token)).to.not.equal(undefined)
    })

    it('is none in any other number of parts than three', () => {
      const { token } = mint()
      const [head, body, tail] = token.split('.') as [string, string, string]
      const spellings = [
        '',
        '.',
        '..',
        head,
        `${head}.${body}`,
        `${head}.${body}.`,
        `.${body}.${tail}`,
        `${head}..${tail}`,
      ]
      for (const other of [...spellings, `${token}.`, `${token}.${tail}`, `.${token}`, `${token}\n`, ` ${token}`])
        expect(readOwn(other), other).to.equal(undefined)
    })

    it('is none where a part is no JSON object', () => {
      const { kid, privateKey } = keyring.signing()
      const head = part({ alg, typ: 'at+jwt', kid })
      for (const body of ['x', part(null), Buffer.from('{').toString('base64url')]) {
        expect(readOwn(signedText(`${head}.${body}`, privateKey)), body).to.equal(undefined)
        expect(readOwn(signedText(`${body}.${part(mint().claims)}`, privateKey)), body).to.equal(undefined)
      }
    })

    it('is none of another issuer, and none when we are called something else', () => {
      for (const iss of ['https://id.example/', 'https://ID.example', 'https://other.example', undefined])
        expect(readOwn(forged({}, { ...mint().claims, iss })), iss).to.equal(undefined)
      const { token } = mint()
      issuer = 'https://moved.example'
      expect(readOwn(token)).to.equal(undefined)
    })

    it('is one until the second in which it expires', () => {
      const { token, claims } = mint()
      now = claims.exp * 1000 - 1
      expect(readOwn(token)).to.deep.equal(claims)
      now = claims.exp * 1000
      expect(readOwn(token)).to.equal(undefined)
    })

    it('is one of up to 16 KB, and none beyond', () => {
      const principal = (length: number) => ({ principal: { ...grant.principal, name: 'n'.repeat(length) } })
      const bare = mint(principal(0)).token.length
      const most = Math.floor(((16_384 - bare) * 3) / 4)
      const longest = mint(principal(most))
      expect(longest.token.length).to.be.within(16_380, 16_384)
      expect(readOwn(longest.token)).to.deep.equal(longest.claims)
      const beyond = mint(principal(most + 4)).token
      expect(beyond.length).to.be.within(16_385, 16_392)
      expect(readOwn(beyond)).to.equal(undefined)
    })

    const revoke = (id: string) => {
      const { revocations: markers, open } = revocations.close([id])
      revocations.apply(markers)
      open()
    }

    it('is none once it, or what it came from, is revoked; what is minted after that is one', () => {
      const [first, second] = [mint(), mint()]
      revoke(first.claims.jti)
      expect([readOwn(first.token), readOwn(second.token)]).to.deep.equal([undefined, second.claims])
      for (const id of ['sa_trainer', 'tp_main', 'iss_ci']) {
        const before = mint()
        revoke(id)
        expect(readOwn(before.token), id).to.equal(undefined)
        const after = mint()
        expect(readOwn(after.token), id).to.deep.equal(after.claims)
      }
    })

    it('is checked once, and asked about every time', () => {
      const { token, claims } = mint()
      for (let i = 0; i < 3; i++) expect(readOwn(token)).to.deep.equal(claims)
      expect(checks).to.equal(1)
    })

    const ends: [why: string, end: (minted: Minted) => void][] = [
      ['it has expired', ({ claims }) => (now = claims.exp * 1000)],
      ['it was revoked', ({ claims }) => revoke(claims.jti)],
      ['its account was revoked', () => revoke('sa_trainer')],
      ['its policy was revoked', () => revoke('tp_main')],
      ['we are called something else', () => (issuer = 'https://moved.example')],
      ['its key was withdrawn', () => (find = () => undefined)],
      ['its key’s name stands for another', () => (find = (kid) => ({ kid, alg, publicKey: stranger }))],
      [
        'its key is for another algorithm',
        () => (find = (kid) => ({ kid, alg: 'none' as 'ES256', publicKey: stranger })),
      ],
    ]
    const stranger = createPublicKey(generateKey(alg).privateKey)
    for (const [why, end] of ends) {
      it(`is none though it was remembered, once ${why}`, () => {
        const ended = mint()
        expect(readOwn(ended.token)).to.deep.equal(ended.claims)
        end(ended)
        expect(readOwn(ended.token)).to.equal(undefined)
        expect(readOwn(ended.token), 'again').to.equal(undefined)
      })
    }

    it('is remembered when it counts only: not while it is refused, whatever for', () => {
      const { token } = mint()
      issuer = 'https://moved.example'
      for (let i = 0; i < 2; i++) expect(readOwn(token)).to.equal(undefined)
      expect(checks, 'of another issuer').to.equal(2)
      const [head, , tail] = token.split('.')
      const other = `${head}.${mint().token.split('.')[1]}.${tail}`
      for (let i = 0; i < 2; i++) expect(readOwn(other)).to.equal(undefined)
      expect(checks, 'forged').to.equal(4)
    })

    it('does not lend what is remembered of it to another: not by its claims, not by its signature', () => {
      const [mine, theirs] = [mint(), mint({ principal: { ...grant.principal, id: 'sa_other', name: 'other' } })]
      for (let i = 0; i < 2; i++)
        for (const { token, claims } of [mine, theirs]) expect(readOwn(token)).to.deep.equal(claims)
      const [head, body, tail] = mine.token.split('.') as [string, string, string]
      const [, claims, signature] = theirs.token.split('.') as [string, string, string]
      const last = tail.slice(0, -1) + (tail.endsWith('A') ? 'B' : 'A')
      for (const mixed of [
        `${head}.${claims}.${tail}`,
        `${head}.${body}.${signature}`,
        `${head}.${body}.${last}`,
        `${head}.${body}.`,
        `${mine.token} `,
        `${mine.token}\u0000`,
      ])
        expect(readOwn(mixed), mixed).to.equal(undefined)
    })

    it('says the same to everybody: what one caller does to its claims, no other sees', () => {
      const { token, claims } = mint()
      const read = readOwn(token) as { scope: string; idp: { sub: string } }
      expect(() => (read.scope = 'projects:write')).to.throw(TypeError)
      expect(() => (read.idp.sub = 'job-2')).to.throw(TypeError)
      expect(readOwn(token)).to.deep.equal(claims)
    })

    const checksOf = (read: ReadOwn, asked: Minted[]) => {
      checks = 0
      for (const { token, claims } of asked) expect(read(token)).to.deep.equal(claims)
      return checks
    }

    it('is forgotten when more were asked about since than are remembered, and then checked anew', () => {
      const [first, second, third] = [mint(), mint(), mint()]
      const size = first.token.length + 512
      for (const bounds of [
        { most: 2, mostBytes: 1e9 },
        { most: 1000, mostBytes: 2.5 * size },
      ]) {
        const read = reading(bounds)
        const ask = (...asked: Minted[]) => checksOf(read, asked)
        expect(ask(first, second, first, second), 'both fit').to.equal(2)
        expect(ask(first, third, first), 'the second went, which was asked about longest ago').to.equal(1)
        expect(ask(third, first), 'both fit').to.equal(0)
        expect(ask(second), 'and is checked anew').to.equal(1)
      }
      expect(checksOf(reading({ most: 9, mostBytes: size - 1 }), [first, first]), 'larger than all').to.equal(2)
    })

    it('is none of a key that was withdrawn', async () => {
      const { token } = mint()
      expect(readOwn(token)).to.not.equal(undefined)
      await storage.transaction(({ signingKeys }) => keyring.rotate(signingKeys, { emergency: true }))
      await keyring.load()
      expect(readOwn(token)).to.equal(undefined)
      expect(readOwn(mint().token)).to.not.equal(undefined)
    })
  })
}
