/** The doors, the tenants, and what must never be said or kept. */
import type { Guard } from './guards.ts'

const limited = { file: 'src/server/http/limited-server.ts', test: 'test/security/doors-limits.test.ts' }
const fault = { file: 'src/server/http/fault.ts', test: 'test/security/doors-smuggling.test.ts' }
const tenants = { test: 'test/journeys/tenants.test.ts' }
const leaks = { test: 'test/journeys/leaks.test.ts' }

const asserted = { file: 'src/server/exchange/parse.ts', test: 'test/server/exchange/parse.test.ts' }

export const doorGuards: readonly Guard[] = [
  {
    line: 'nobody is sent anywhere by the authorization endpoint',
    file: 'src/server/http/oauth.ts',
    cut: 'router.all(authorizationPath, () => {',
    put: 'router.all(authorizationPath, (req, res) => {\n    if (req.query.redirect_uri) return res.redirect(String(req.query.redirect_uri))',
    test: 'test/journeys/paths.test.ts',
  },
  {
    ...asserted,
    line: 'a client assertion and an API key are two proofs',
    cut: 'if (apiKey !== undefined)',
    put: 'if (false)',
  },
  {
    ...asserted,
    line: 'a client assertion stands for the client that is named',
    cut: 'return client ?? named',
    put: 'return named',
    test: 'test/journeys/requests.test.ts',
  },
  {
    ...asserted,
    line: 'a client assertion has its type',
    cut: "if (need(get, 'client_assertion_type') !== clientAssertionType)",
    put: 'if (false)',
  },
  {
    line: 'headers of every answer',
    file: 'src/server/http/app.ts',
    cut: '    secure(req, res)\n',
    test: 'test/security/doors-headers.test.ts',
  },
  {
    line: 'no page of another site acts here',
    file: 'src/server/http/setup.ts',
    cut: "router.use('/setup', sameOrigin({ publicUrl, secretPath: true }))",
    test: 'test/security/doors-cross-site.test.ts',
  },
  { ...limited, line: 'the size of a head', cut: 'maxHeaderSize: limits.headBytes,' },
  { ...limited, line: 'the time of a head', cut: 'headersTimeout: limits.headTime,' },
  { ...limited, line: 'the time of a request', cut: 'requestTimeout: limits.requestTime,' },
  { ...limited, line: 'clients that take nothing of their answer', cut: 'server.timeout = limits.stalledTime' },
  { ...limited, line: 'the strict parser', cut: 'insecureHTTPParser: false,', test: fault.test },
  { ...fault, line: 'headers that are given twice', cut: 'return doubled(rawHeaders)', put: 'return undefined' },
  {
    ...fault,
    line: 'transfer codings',
    cut: "if (coding !== undefined && (req.httpVersionMinor === 0 || coding.toLowerCase() !== 'chunked'))",
    put: 'if (false)',
  },
  {
    ...tenants,
    line: 'rights are asked for every route',
    file: 'src/server/http/api/bind.ts',
    cut: "if (!may(now, route.right, standingOf(place))) throw new Refusal('forbidden')",
  },
  {
    ...tenants,
    line: 'introspection is of one’s own organization',
    file: 'src/server/exchange/introspect.ts',
    cut: ' || caller.orgId !== orgIdOf(who)',
  },
  {
    ...tenants,
    line: 'evaluation is of one’s own organization',
    file: 'src/server/exchange/evaluate.ts',
    cut: ' || orgIdOf(bearer.who) !== caller.orgId',
  },
  {
    ...leaks,
    line: 'no secret in the trail',
    file: 'src/server/audit/chain.ts',
    cut: 'if (!holdsSecret(written.body)) return written',
    put: 'return written',
  },
  {
    ...leaks,
    line: 'no secret in an error',
    file: 'src/server/http/errors.ts',
    cut: 'detail: withoutSecrets(refusal.says),',
    put: 'detail: refusal.says,',
  },
  {
    ...leaks,
    line: 'no secret in the log',
    file: 'src/server/main.ts',
    cut: 'hooks: { streamWrite: withoutSecrets },',
  },
  {
    line: 'an exponent of any length',
    file: 'src/server/issuers/jwk.ts',
    cut: "if (typeof e === 'string' && e.length > maxExponentLength) return { why: 'its exponent is not 65537' }",
    test: 'test/server/issuers/jwk.test.ts',
  },
]
