/** What a workload's own package keeps: to whom its tokens go, how often it asks, and what is shown of them. */
import type { Guard } from './guards.ts'

const url = { file: 'src/client/service-url.ts', test: 'test/client/exchanging.test.ts' }
const connection = { file: 'src/client/connection.ts', test: 'test/client/odd-answers.test.ts' }
const refusal = { file: 'src/client/refusal.ts', test: 'test/client/odd-answers.test.ts' }
const exchange = { file: 'src/client/exchange.ts', test: 'test/client/odd-answers.test.ts' }
const retry = { file: 'src/client/retry.ts', test: 'test/client/odd-answers.test.ts' }
const token = { file: 'src/client/access-token.ts', test: 'test/client/exchanging.test.ts' }
const provider = { file: 'src/client/token-provider.ts', test: 'test/client/refreshing.test.ts' }
const refresher = { file: 'src/client/refresher.ts', test: 'test/client/refreshing.test.ts' }
const sending = { file: 'src/client/authorized-fetch.ts', test: 'test/client/authorized-fetch.test.ts' }
const cache = { file: 'src/client/file-cache.ts', test: 'test/client/file-cache.test.ts' }

export const clientGuards: readonly Guard[] = [
  { ...url, line: 'client: https, but on this machine', cut: 'if (!isConfidential(url))', put: 'if (false)' },
  {
    ...url,
    line: 'client: this machine by its whole name',
    cut: '/^(localhost|127(\\.\\d{1,3}){3}|\\[::1\\])$/',
    put: '/^(localhost|127\\.0\\.0\\.1)/',
  },
  { ...connection, line: 'client: no redirect is followed', cut: "redirect: 'manual'", put: "redirect: 'follow'" },
  { ...connection, line: 'client: an answer is small', cut: 'if (length > longest) {', put: 'if (false) {' },
  {
    ...exchange,
    line: 'client: exactly 200',
    cut: 'if (answer.status !== 200) throw refusalOf(answer, here.now(), found.hint)',
    put: 'if (answer.status > 299) throw refusalOf(answer, here.now(), found.hint)',
  },
  {
    ...exchange,
    line: 'client: a token that a header takes',
    cut: "if (typeof access_token !== 'string' || !/^[\\w.~+/-]{1,65536}=*$/.test(access_token)) throw strange('no access token')",
    put: "if (typeof access_token !== 'string') throw strange('no access token')",
  },
  {
    ...exchange,
    line: 'client: a life that is a number',
    cut: "if (typeof expires_in !== 'number' || !(expires_in > 0)) throw strange('a token that lives for no known time')",
    put: 'if (false as boolean) throw 0',
  },
  {
    ...exchange,
    line: 'client: a bearer token',
    cut: "if (typeof token_type !== 'string' || token_type.toLowerCase() !== 'bearer') throw strange('another type of token')",
  },
  {
    ...refusal,
    line: 'client: of an answer only words that are known',
    cut: '/^[a-z][a-z_]{0,63}$/.test(value)',
    put: 'true',
  },
  {
    ...refusal,
    line: 'client: nothing that a terminal would obey',
    cut: ".replace(/[\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]+/g, ' ')",
  },
  { ...refusal, line: 'client: nothing that was shown', cut: ".replace(secret, '[redacted]')" },
  {
    ...retry,
    line: 'client: what was refused is not asked again',
    cut: '!error.retryable',
    put: '(!error.retryable && attempt > 2)',
  },
  { ...retry, line: 'client: Retry-After', cut: 'wanted * 1000 + jitter', put: 'jitter' },
  {
    ...retry,
    line: 'client: no attempt for ever',
    cut: 'const timer = setTimeout(() => controller.abort(late(ms)), ms)',
    put: 'const timer = setTimeout(() => {}, ms)',
  },
  {
    ...token,
    line: 'client: a token prints as [redacted]',
    cut: "({ token: '[redacted]', ...shown })",
    put: '({ token, ...shown })',
  },
  {
    ...token,
    line: 'client: a copy has no token',
    cut: 'token: hidden(token),',
    put: 'token: { value: token, enumerable: true },',
  },
  {
    ...provider,
    line: 'client: a clock that was set back',
    cut: 'return isKnownAge(times, now()) && now() < times.expiry ? held : undefined',
    put: 'return now() < times.expiry ? held : undefined',
  },
  {
    ...provider,
    line: 'client: a denial is one answer',
    cut: '!isRetryable(error) || wanted > 0',
    put: 'wanted > 0',
    test: 'test/client/exchanging.test.ts',
  },
  {
    ...provider,
    line: 'client: who is sent away is not back before',
    cut: '!isRetryable(error) || wanted > 0',
    put: '!isRetryable(error)',
    test: 'test/client/odd-answers.test.ts',
  },
  {
    ...provider,
    line: 'client: forced is forced',
    cut: 'if (forceRefresh) return fetched(refresher.refresh(true), signal, false)',
  },
  {
    ...refresher,
    line: 'client: what was overtaken is not put back',
    cut: 'if (isCurrent()) obtained(token)',
    put: 'obtained(token)',
  },
  {
    ...refresher,
    line: 'client: one refresh for all',
    cut: 'if (current.isForced || !isForced) return current.refresh',
    put: 'if (Date.now() < 0) return current.refresh',
    test: 'test/client/authorized-fetch.test.ts',
  },
  { ...sending, line: 'client: no token over http', cut: 'if (!isConfidential(url))', put: 'if (false)' },
  {
    ...sending,
    line: 'client: what is a stream is sent once',
    cut: '!canBeSentAgain(request, init.body) || ',
    put: '',
  },
  {
    ...sending,
    line: 'client: one new token for all 401s',
    cut: 'if (peek()?.token === used.token) invalidate(answer)',
    put: 'invalidate(answer)',
  },
  { ...sending, line: 'client: an API that refuses every token', cut: ' || isHopeless(url.origin)', put: '' },
  { ...cache, line: 'client: a cache that others can read is none', cut: '(mode & 0o077) === 0', put: 'true' },
  {
    ...cache,
    line: 'client: a cache that leads elsewhere is none',
    cut: 'constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)',
    put: 'constants.O_RDONLY',
  },
  {
    ...cache,
    line: 'client: a cache is its owner’s alone',
    cut: "open(fresh, 'wx', 0o600)",
    put: "open(fresh, 'wx')",
    and: { cut: 'await file.chmod(0o600)\n', put: '\n' },
  },
  {
    ...cache,
    line: 'client: a cache of one identity',
    cut: '.filter(([name]) => !ofToken.has(name))',
    put: ".filter(([name]) => name === 'iss' || name === 'sub' || name === 'aud')",
  },
]
