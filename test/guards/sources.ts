/** What a workload's package keeps towards platforms: whom it asks, what it shows them, and which of their tokens it sends. */
import type { Guard } from './guards.ts'

const call = { file: 'src/client/sources/call-platform.ts', test: 'test/client/sources/gcp.test.ts' }
const gcp = { file: 'src/client/sources/gcp.ts', test: 'test/client/sources/gcp.test.ts' }
const kubernetes = { file: 'src/client/sources/kubernetes.ts', test: 'test/client/sources/kubernetes.test.ts' }
const spiffe = { file: 'src/client/sources/spiffe.ts', test: 'test/client/sources/spiffe.test.ts' }
const region = { file: 'src/client/sources/aws-region.ts', test: 'test/client/sources/aws.test.ts' }
const refusal = { file: 'src/client/sources/aws-refusal.ts', test: 'test/client/sources/aws.test.ts' }
const entra = { file: 'src/client/sources/entra-token.ts', test: 'test/client/sources/azure.test.ts' }

export const sourceGuards: readonly Guard[] = [
  { ...call, line: 'sources: http only where nobody else listens', cut: 'local.test(hostname)', put: 'true' },
  {
    ...call,
    line: 'sources: an address of the cloud by its whole name',
    cut: '|169\\.254(\\.\\d{1,3}){2}|',
    put: '|169\\.254.*|',
  },
  { ...call, line: 'sources: no redirect is followed', cut: "redirect: 'manual'", put: "redirect: 'follow'" },
  {
    ...call,
    test: 'test/client/sources/aws.test.ts',
    line: 'sources: what a runtime would repeat is not handed to it',
    cut: 'Object.values(headers).some((value) => !/^[\\x20-\\x7e]*$/.test(value))',
    put: 'false',
  },
  {
    ...gcp,
    line: "sources: Google's metadata server, and nobody else",
    cut: "if (answer.headers.get('metadata-flavor') !== 'Google')",
    put: 'if (false)',
  },
  {
    ...kubernetes,
    line: 'sources: the token of the API server stays in the pod',
    cut: 'has.length === 1 && has[0] === audience',
    put: 'true',
  },
  {
    ...kubernetes,
    line: 'sources: a token for us and for others stays in the pod',
    cut: 'has.length === 1 && has[0]',
    put: 'has.find((one) => one === audience)',
  },
  {
    ...kubernetes,
    line: 'sources: of a mounted token, whom it is for',
    cut: 'audience === undefined || has.includes(audience)',
    put: 'true',
  },
  {
    ...spiffe,
    line: 'sources: of a JWT-SVID, whom it is for',
    cut: 'audience === undefined || has.length === 0 || has.includes(audience)',
    put: 'true',
  },
  {
    ...region,
    line: 'sources: a region is no host',
    cut: '/^[a-z]{2,}(-[a-z0-9]+)+$/.test(region)',
    put: 'true',
  },
  {
    ...refusal,
    line: 'sources: of what AWS says, the code alone',
    cut: '(${word ?? status})',
    put: '(${text})',
  },
  {
    ...entra,
    line: 'sources: of what Azure says, the word alone',
    cut: '/^[\\w-]{1,60}$/.test(error) ? `${status} ${error}` : String(status)',
    put: "true ? text : ''",
  },
]
