/** Who may ask, how often, and what a secret is good for. */
import type { Guard } from './guards.ts'

const outages = 'test/journeys/outages.test.ts'
const dpop = { file: 'src/server/tokens/dpop.ts', test: 'test/journeys/dpop.test.ts' }
const identify = { file: 'src/server/exchange/identify.ts', test: 'test/journeys/dpop.test.ts' }
const leaked = { test: 'test/journeys/leaked-keys.test.ts' }
const sdk = { file: 'src/verify/possession.ts', test: 'test/verify/possession.test.ts' }

export const apiGuards: readonly Guard[] = [
  {
    line: 'what is known of a key is a minute old at the most',
    file: 'src/server/shared-state/cached-lookups.ts',
    cut: ', passing: value !== undefined',
    test: 'test/server/shared-state/cached-lookups.test.ts',
  },
  {
    line: 'forward auth takes no proofs',
    file: 'src/server/http/forward-auth.ts',
    cut: 'if (isDpop(req))',
    put: 'if (false)',
    test: dpop.test,
  },
  {
    line: 'names that the trail would not keep',
    file: 'src/server/http/api/schemas/parts.ts',
    cut: ".refine((name) => !holdsSecret(name), 'must not have the form of an API key, which the audit trail would not keep')",
    test: 'test/journeys/admin-api.test.ts',
  },
  {
    line: 'DPoP: an account that came to ask for it meanwhile',
    file: 'src/server/admin/caller-now.ts',
    cut: ' || (account.dpopBound && !caller.bound)',
    test: 'test/server/admin/caller-now.test.ts',
  },
  {
    line: 'failed exchanges are counted',
    file: 'src/server/exchange/witness.ts',
    cut: "return over ? new Refusal('rate_limited', { detail: { ...refusal.detail, refused_as: refusal.reason } }) : refusal",
    put: 'return refusal',
    test: outages,
  },
  {
    line: 'failed key checks are counted',
    file: 'src/server/exchange/identify.ts',
    cut: "if (await failures.count(`${addressKey(origin.client.ip)} key`)) throw new Refusal('rate_limited')",
    test: outages,
  },
  {
    line: 'IPv6 by /64',
    file: 'src/server/accounts/failures.ts',
    cut: '.slice(0, 4)',
    test: 'test/server/accounts/api-key.test.ts',
  },
  {
    line: 'behind TRUST_PROXY',
    file: 'src/server/http/app.ts',
    cut: "app.set('trust proxy', needs.trustProxy.length > 0 ? [...needs.trustProxy] : false)",
    put: "app.set('trust proxy', true)",
    test: 'test/journeys/proxies.test.ts',
  },
  {
    line: 'flat timing of key checks',
    file: 'src/server/shared-state/cached-lookups.ts',
    cut: 'flatly(remembering(lookups.keyHolder, holderOwners))',
    put: 'remembering(lookups.keyHolder, holderOwners)',
    test: 'test/server/shared-state/cached-lookups.test.ts',
  },
  {
    line: 'dead keys are dead',
    file: 'src/server/accounts/recognize.ts',
    cut: '(key.expiresAt === null || key.expiresAt > now)',
    put: 'true',
    test: 'test/journeys/keys.test.ts',
  },
  {
    line: 'signing keys are bound to their id',
    file: 'src/server/tokens/seal.ts',
    cut: 'decipher.setAAD(Buffer.from(aad)).setAuthTag(',
    put: 'decipher.setAuthTag(',
    and: { cut: '.setAAD(Buffer.from(aad))\n', put: '\n' },
    test: 'test/server/tokens/seal.test.ts',
  },
  {
    line: 'the set-up link works once',
    file: 'src/server/admin/setup.ts',
    cut: '(await organizations.count({})) === 0',
    put: 'true',
    test: 'test/journeys/first-start.test.ts',
  },
  {
    line: 'other organizations’ objects are not found',
    file: 'src/server/access/authority.ts',
    cut: "return caller.type === 'operator' || orgId === undefined || caller.orgId === orgId",
    put: 'return true',
    test: 'test/journeys/tenants.test.ts',
  },
  {
    line: 'fetches of one organization do not slow another',
    file: 'src/server/admin/issuers.ts',
    cut: "throw new Refusal('rate_limited'",
    put: "new Refusal('rate_limited'",
    test: 'test/journeys/issuers.test.ts',
  },
  // Bound tokens.
  {
    ...dpop,
    line: 'DPoP: one header, one proof',
    cut: 'text === undefined || others.length > 0',
    put: 'text === undefined',
  },
  { ...dpop, line: 'DPoP: its method', cut: 'if (htm !== method) throw invalid(`its htm is not ${method}`)' },
  {
    ...dpop,
    line: 'DPoP: its URL',
    cut: "if (typeof htu !== 'string' || bare(htu) !== url) throw invalid(`its htu is not ${url}`)",
  },
  {
    ...dpop,
    line: 'DPoP: its access token',
    cut: "if (token !== undefined && ath !== hash('sha256', token, 'base64url'))",
    put: 'if (false)',
  },
  {
    ...dpop,
    line: 'DPoP: a nonce of ours',
    cut: "if (nonce === undefined || !nonces.isFresh(nonce)) throw new Refusal('dpop_nonce_required')",
  },
  { ...dpop, line: 'DPoP: a proof serves once', cut: "if (first !== undefined) throw invalid('it was used before')" },
  {
    ...dpop,
    line: 'DPoP: its signature',
    cut: "if (!signatureHolds(alg, judged.key, Buffer.from(parts.signingInput, 'latin1'), signature))",
    put: 'if (false)',
  },
  {
    ...dpop,
    line: 'DPoP: its type',
    cut: 'if (header.typ !== proofType) throw invalid(`its typ is not ${proofType}`)',
  },
  {
    line: 'DPoP: a key that is private, or for something else',
    file: 'src/server/issuers/jwk.ts',
    cut: 'if (privateMembers.some((member) => of(member) !== undefined)) return',
    put: 'if (false) return',
    test: dpop.test,
  },
  {
    line: 'DPoP: a nonce is of the master key',
    file: 'src/server/tokens/nonce.ts',
    cut: 'keys.some((key) => timingSafeEqual(shown, made(key, at)))',
    put: 'true',
    test: dpop.test,
  },
  {
    ...identify,
    line: 'DPoP: no downgrade at our API',
    cut: "if (!shown) throw new Refusal('possession_unproven')",
    put: 'if (!shown) return',
  },
  {
    ...identify,
    line: 'DPoP: the key of the token',
    cut: "if (proof.jkt !== jkt) throw new Refusal('possession_unproven', { says: 'the proof is of another key' })",
  },
  { ...identify, line: 'DPoP: a proof serves once at our API', cut: 'await claim(proof)' },
  { ...identify, line: 'DPoP: unbound tokens are not shown as bound', cut: 'else if (shown) return undefined' },
  {
    ...identify,
    line: 'DPoP: keys of strict accounts only get tokens',
    cut: ' || (found.account.dpopBound && !bound)',
  },
  {
    line: 'DPoP: no downgrade at forward auth',
    file: 'src/server/exchange/admit.ts',
    cut: 'if (claims?.cnf)',
    put: 'if (false)',
    test: dpop.test,
  },
  {
    line: 'DPoP: no downgrade at evaluations',
    file: 'src/server/exchange/evaluate.ts',
    cut: "if (claims?.cnf?.jkt !== jkt) return 'possession_unproven'",
    test: dpop.test,
  },
  {
    line: 'DPoP: earlier tokens of strict accounts',
    file: 'src/server/exchange/bearer.ts',
    cut: 'if (mustBeBound(who) && !claims.cnf) return undefined',
    test: dpop.test,
  },
  {
    line: 'DPoP: demanded of an account',
    file: 'src/server/exchange/grant.ts',
    cut: "if (ask.dpop === undefined && dpopBound) throw new Refusal('dpop_proof_missing')",
    test: dpop.test,
  },
  {
    ...sdk,
    line: 'DPoP, SDK: no downgrade',
    cut: "if (shown === undefined) throw new VerifyError('possession_unproven')",
    put: 'if (shown === undefined) return jkt',
  },
  {
    ...sdk,
    line: 'DPoP, SDK: no downgrade where it is not taken',
    cut: 'if (jkt !== undefined || shown !== undefined)',
    put: 'if (false)',
  },
  {
    ...sdk,
    line: 'DPoP, SDK: the key of the token',
    cut: "if ((await calculateJwkThumbprint(key)) !== jkt) throw unproven('the proof is of another key than the token')",
  },
  {
    ...sdk,
    line: 'DPoP, SDK: its method',
    cut: 'if (htm !== shown.method) throw unproven(`the proof is not for ${shown.method} (htm)`)',
  },
  {
    ...sdk,
    line: 'DPoP, SDK: its URL',
    cut: "if (typeof htu !== 'string' || bare(htu) !== own)",
    put: 'if (false)',
  },
  {
    ...sdk,
    line: 'DPoP, SDK: its access token',
    cut: "if (ath !== (await tokenHash(token))) throw unproven('the proof is not for this access token (ath)')",
  },
  {
    ...sdk,
    line: 'DPoP, SDK: it is fresh',
    cut: "if (Math.abs(now() / 1000 - iat) > window) throw unproven('the proof is too old, or from the future (iat)')",
  },
  {
    ...sdk,
    line: 'DPoP, SDK: a proof serves once',
    cut: "if (!(await claim(id, until))) throw unproven('the proof was used before')",
  },
  {
    ...sdk,
    line: 'DPoP, SDK: its type',
    cut: "if (protectedHeader.typ !== 'dpop+jwt') throw new Error('its typ is not dpop+jwt')",
  },
  { line: 'DPoP, SDK: a nonce', file: 'src/verify/nonces.ts', cut: ' && (await made(at)) === nonce', test: sdk.test },
  {
    line: 'DPoP, SDK: ways of binding that are not known',
    file: 'src/verify/caller.ts',
    cut: "if (!isText(jkt)) throw new VerifyError('token_malformed')",
    put: 'if (!isText(jkt)) return undefined',
    test: sdk.test,
  },
  // Leaked keys.
  {
    ...leaked,
    line: 'a report is signed by the partner',
    file: 'src/server/issuers/partner-keys.ts',
    cut: "!verify('sha256', body, key, der)",
    put: 'false',
  },
  {
    ...leaked,
    line: 'a report is signed by a known key',
    file: 'src/server/issuers/partner-keys.ts',
    cut: 'if (!fetching && quietFor() > 0) return',
  },
  { ...leaked, line: 'what was found ends', file: 'src/server/exchange/leaked.ts', cut: 'await own?.end(work)' },
  {
    ...leaked,
    line: 'its admins are told',
    file: 'src/server/exchange/leaked.ts',
    cut: 'for (const detail of places) await work.record(`${target.type}.leak`, own?.where ?? {}, target, detail)',
  },
  {
    ...leaked,
    line: 'guessing of reports is counted',
    file: 'src/server/http/secret-scanning.ts',
    cut: "throw new Refusal('rate_limited')",
    put: "new Refusal('rate_limited')",
  },
  {
    line: 'the checksum of a key',
    file: 'src/server/accounts/api-key.ts',
    cut: ' && checksum(text.slice(0, -6)) === text.slice(-6)',
    test: 'test/cli/key-check.test.ts',
  },
]
