/** Fetching what an admin names, and keeping what was fetched. */
import type { Guard } from './guards.ts'

const network = { file: 'src/server/issuers/network.ts', test: 'test/server/issuers/network.test.ts' }
const connect = { file: 'src/server/issuers/connect.ts', test: 'test/server/issuers/outbound.test.ts' }
const outbound = { file: 'src/server/issuers/outbound.ts', test: 'test/server/issuers/outbound.test.ts' }
const discovery = { file: 'src/server/issuers/discovery.ts', test: 'test/server/issuers/discovery.test.ts' }
const keys = { file: 'src/server/issuers/keys.ts', test: 'test/server/issuers/keys.test.ts' }
const clocks = { file: 'src/server/issuers/key-clocks.ts', test: 'test/server/issuers/key-clocks.test.ts' }

export const fetchingGuards: readonly Guard[] = [
  { ...network, line: 'https', cut: "if (url.protocol !== 'https:' && !insecure) return 'must be an https URL'" },
  { ...network, line: 'port 443', cut: "if (port !== 443 && port !== listed) return 'must not name a port'" },
  {
    ...network,
    line: 'no query or fragment',
    cut: "if (text.includes('?') || text.includes('#')) return 'must not have a query or a fragment'",
  },
  {
    ...network,
    line: 'no user info',
    cut: "if (/^[^/]*\\/\\/[^/]*@/.test(text)) return 'must not have a user name or password'",
  },
  {
    ...network,
    line: 'no IP literal',
    cut: "if (isIP(host.replace(/^\\[|\\]$/g, ''))) return 'must name a host, not an IP address'",
  },
  { ...network, line: 'global unicast only', cut: "if (address.range() !== 'unicast') return false" },
  { ...network, line: 'IPv6 within 2000::/3', cut: 'address.match(globalUnicast6)', put: 'true' },
  { ...network, line: '168.63.129.16', cut: 'address.toString() !== azureWireServer', put: 'true' },
  {
    ...connect,
    line: 'every address is judged',
    cut: "if (!addresses.every((address) => mayConnect(address, host, network))) throw new Error('address not allowed')",
  },
  {
    ...connect,
    line: 'the connected peer is judged again',
    cut: 'if (isWhereItShouldBe(socket, address, host)) return resolve(socket)',
    put: 'return resolve(socket)',
  },
  {
    ...outbound,
    line: 'no redirects',
    cut: 'if (status >= 300 && status < 400) return { says: `answered with status ${status}; redirects are not followed` }',
  },
  {
    ...outbound,
    line: 'status exactly 200',
    cut: 'if (status !== 200) return { says: `answered with status ${status} instead of 200` }',
  },
  {
    ...outbound,
    line: 'JSON content type',
    cut: "return isJson ? undefined : { says: 'did not answer with a JSON content type' }",
    put: 'return undefined',
  },
  {
    ...outbound,
    line: 'identity encoding',
    cut: "if (encoding !== undefined && encoding !== 'identity') return { says: 'answered compressed, which was not asked for' }",
  },
  {
    ...outbound,
    line: 'at most 256 KiB',
    cut: "if (length > maxBytes) return { says: 'answered with more than 262,144 bytes' }",
  },
  {
    ...outbound,
    line: 'the whole request within its deadline',
    cut: 'AbortSignal.timeout(Math.min(deadline, totalDeadline))',
    put: 'new AbortController().signal',
  },
  {
    ...outbound,
    line: 'one sentence for all that cannot be reached',
    cut: 'new Unreachable(step, unreachable, error)',
    put: 'new Unreachable(step, String(error), error)',
  },
  {
    ...outbound,
    line: 'a URL is judged before anything is resolved',
    cut: 'if (why) throw new Unreachable(step, `the URL ${why}`)',
  },
  { ...discovery, line: 'the issuer of the document', cut: 'if (document.issuer !== issuer) {', put: 'if (false) {' },
  {
    ...discovery,
    line: 'jwks_uri through the same guard',
    cut: "if (why) throw new Unreachable('issuer', `names a jwks_uri that ${why}`)",
  },
  {
    line: 'the answer says which step failed',
    file: 'src/server/issuers/discovery.ts',
    cut: "report(false, error instanceof Unreachable ? error.says : 'failed')",
    test: 'test/server/issuers/discovery.test.ts',
  },
  {
    line: 'exceptions are the operator’s, and on record',
    file: 'src/server/admin/exceptions.ts',
    cut: 'if (await isKnown(reading)) return',
    put: 'return',
    test: 'test/journeys/exceptions.test.ts',
  },
  {
    ...clocks,
    line: 'stale keys serve for a day at most',
    cut: 'now < state.freshUntil + staleFor ? state.set : undefined',
    put: 'state.set',
  },
  {
    ...clocks,
    line: 'a fresh set is fresh for an hour at most',
    cut: 'Math.min(Math.max(said ?? 0, 5 * minute), hour)',
    put: 'Math.max(said ?? 0, 5 * minute)',
  },
  { ...keys, line: 'whoever waits for a fetch shares it', cut: 'entry.flight ??= run(', put: 'entry.flight = run(' },
  {
    ...keys,
    line: 'an unknown kid causes no fetch in quiet time',
    cut: 'if (isQuiet(entry.state, clock())) return found',
    test: 'test/server/issuers/keys.test.ts',
  },
  { ...keys, line: 'a bad signature, or a kid that is known, causes none', cut: ' || set.has(kid)' },
  {
    ...clocks,
    line: 'quiet time doubles while it fails',
    cut: 'shortestQuiet * 2 ** Math.max(0, failures - 1)',
    put: 'shortestQuiet',
  },
  {
    ...clocks,
    line: 'an empty set replaces no good one',
    file: 'src/server/issuers/key-set.ts',
    cut: "if (list.length === 0) return { ok: false, why: 'holds no key' }",
    and: { cut: 'if (keys.length === 0) return', put: 'if (false) return' },
  },
]
