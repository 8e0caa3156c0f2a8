/** Who is signed in with a browser. */
import type { Guard } from './guards.ts'

const sessions = { test: 'test/journeys/sessions.test.ts' }
const sso = { test: 'test/journeys/sso.test.ts' }
const byCookie = { ...sessions, file: 'src/server/http/by-cookie.ts' }
const signedIn = { ...sessions, file: 'src/server/exchange/signed-in.ts' }

export const sessionGuards: readonly Guard[] = [
  { ...byCookie, line: 'a cookie changes nothing without the token', cut: '      refuseWithoutToken(secret, token)\n' },
  { ...byCookie, line: 'a cookie changes nothing for another site', cut: '      refuseOtherSites(req, publicUrl())\n' },
  {
    ...byCookie,
    line: 'a cookie counts nowhere beside an Authorization header',
    cut: '(req.headers.authorization === undefined ? cookie.read(req) : undefined)',
    put: 'cookie.read(req)',
  },
  {
    ...sessions,
    line: 'a cookie that is given twice is none',
    file: 'src/server/http/session-cookie.ts',
    cut: 'given.length === 1 && ',
  },
  {
    ...sessions,
    line: 'no script reads the cookie',
    file: 'src/server/http/session-cookie.ts',
    cut: '; HttpOnly',
  },
  {
    ...sessions,
    line: 'sessions end with what is revoked',
    file: 'src/server/admin/perform.ts',
    cut: '        await endSessionsOf(stores.sessions, ids, until)\n',
  },
  { ...signedIn, line: 'sessions end unused', cut: ' || hasEnded(session, life, at)' },
  {
    ...signedIn,
    line: 'the operator’s session ends with the key',
    cut: "isOperators(session) ? { type: 'operator' } : 'nobody'",
    put: "{ type: 'operator' }",
  },
  {
    ...signedIn,
    ...sso,
    line: 'a session ends with the e-mail address',
    cut: ' || email === null || !isPersons(found.user, email)',
  },
  {
    ...sessions,
    line: 'whoever signs in anew leaves the session before',
    file: 'src/server/http/session-door.ts',
    cut: '      if (left) await sessions.end(left.session, left.caller, originOf(req, res))\n',
  },
  {
    ...sso,
    line: 'an e-mail address is verified',
    file: 'src/server/sign-in/provider.ts',
    cut: 'isVerified: about.email_verified === true',
    put: 'isVerified: true',
  },
  {
    ...sso,
    line: 'a sign-in comes back with its state',
    file: 'src/server/sign-in/provider.ts',
    cut: 'expectedState: state',
    put: 'expectedState: openid.skipStateCheck',
  },
  {
    ...sso,
    line: 'a sign-in comes back in its time',
    file: 'src/server/http/sso.ts',
    cut: 'now() - begun.at < life * 1000 ? begun : undefined',
    put: 'begun',
  },
  {
    ...sso,
    line: 'a sign-in leads to no other host',
    file: 'src/server/http/sso.ts',
    cut: 'returnTo: returnTo(req.query.return_to, publicUrl())',
    put: 'returnTo: String(req.query.return_to)',
  },
  {
    ...sso,
    line: 'two addresses that are one in lower case are two',
    file: 'src/server/exchange/persons-email.ts',
    cut: '(ascii.test(email) && ascii.test(verified) && email.toLowerCase() === verified.toLowerCase())',
    put: 'email.toLowerCase() === verified.toLowerCase()',
  },
  {
    ...sso,
    line: 'a terminal is let in by a page of ours alone',
    file: 'src/server/http/login-page.ts',
    cut: 'byCookie.signedIn(req, res, token)',
    put: "byCookie.find(byCookie.secretOf(req) ?? '', originOf(req, res))",
  },
  {
    ...sso,
    line: 'another organization does not revive whom it revoked',
    file: 'src/server/admin/sessions.ts',
    cut: 'await isRevokedSince(work.stores.revocations, user.id, session.createdAt, work.now)',
    put: 'false',
  },
  {
    ...signedIn,
    ...sso,
    line: 'a session ends with the provider that vouched for it',
    cut: "      if (providerDigest === undefined || proof !== providerDigest) return 'nobody'\n",
  },
  {
    ...sso,
    line: 'a terminal is not let in by somebody who was revoked since',
    file: 'src/server/admin/approver.ts',
    cut: "  if (isEnded) throw new Refusal('login_denied')\n",
  },
  {
    ...sso,
    line: 'a provider that never answers is not waited for',
    file: 'src/server/sign-in/guarded-fetch.ts',
    cut: "redirect: 'manual', signal }",
    put: "redirect: 'manual' }",
  },
]
