/** docs/reference/reasons.md, from the catalogue, mends.ts and the packages' own codes: `npm run docs`. */

import { grantTypes } from '../../../src/protocol/oauth.ts'
import {
  catalogue,
  exchangeReasonNames,
  type Reason,
  retryAfterOf,
  wireOf,
} from '../../../src/server/errors/catalogue.ts'
import { changeReasons } from '../../../src/server/errors/change-reasons.ts'
import { doorReasons } from '../../../src/server/errors/door-reasons.ts'
import { loginReasons } from '../../../src/server/errors/login-reasons.ts'
import { trustReasons } from '../../../src/server/errors/trust-reasons.ts'
import { VerifyError, type VerifyErrorCode, verifyErrorCodes } from '../../../src/verify/verify-error.ts'
import { clientCodes } from './client-codes.ts'
import { type Mend, mends, whoWords } from './mends.ts'
import { verifyMends } from './verify-mends.ts'

const intro = `# Reasons: every way we say no

Made by \`npm run docs\` from the code. A \`reason\` is stable: programs may switch on it. Try again after 429 and 503, when
\`Retry-After\` has passed; nothing else gets better by itself. The \`request_id\` of an answer finds it in the audit trail
(\`GET /api/v1/orgs/ORG/audit-events?request_id=…\`), and \`countersign explain REQUEST_ID\` shows an admin each step and what every
policy missed: [debug a refusal](../how-to/debug-a-refusal.md).

The token endpoint answers \`{"error","error_description","reason","request_id"}\`, the API the same reasons as
\`application/problem+json\`. A bad subject token is \`invalid_grant\` with the jwt-bearer grant (RFC 7523 §3.1),
\`invalid_request\` with token exchange (RFC 8693 §2.2.2) and \`invalid_client\` as a client assertion (RFC 7523 §3.2); below it says *subject*. Why an API was told that somebody may not:
[protect an API](../how-to/protect-an-api.md#reasons).
`

/** Where each reason of the token endpoint stands. */
const exchangeSections: readonly [heading: string, first: Reason, note?: string][] = [
  ['The request', 'malformed_request'],
  ['The subject token', 'token_malformed'],
  [
    'The proof of possession',
    'dpop_proof_invalid',
    "A token can be bound to a key of the caller's (DPoP, RFC 9449): [bound tokens](../how-to/bound-tokens.md).",
  ],
  ['The API key, and the rest', 'api_key_invalid'],
]
const moved: Partial<Record<Reason, string>> = { target_unknown: 'The request', scope_not_allowed: 'The request' }

export function reasonsPage(): string {
  return `${[intro, ...exchangeParts(), ...apiParts(), clientPart(), verifyPart()].join('\n')}`
}

function exchangeParts(): string[] {
  const bySection = new Map<string, Reason[]>(exchangeSections.map(([heading]) => [heading, []]))
  let current = ''
  for (const reason of exchangeReasonNames) {
    current = exchangeSections.find(([, first]) => first === reason)?.[0] ?? current
    bySection.get(moved[reason] ?? current)?.push(reason)
  }
  return exchangeSections.map(([heading, , note]) => partOf(heading, bySection.get(heading) ?? [], note))
}

function apiParts(): string[] {
  const named = [changeReasons, doorReasons, loginReasons, trustReasons].map((rows) => Object.keys(rows) as Reason[])
  const [changes = [], doors = [], logins = [], trust = []] = named
  const known = new Set<string>([...exchangeReasonNames, ...named.flat()])
  const api = (Object.keys(catalogue) as Reason[]).filter((reason) => !known.has(reason))
  return [
    partOf('The API', api),
    partOf('A change that does not fit what is there', changes),
    partOf('Issuers and policies', trust),
    partOf('The doors', doors, 'What is wrong with a request before it is known what it wants.'),
    partOf('Signing in', logins, 'Of the set-up link, and of `countersign login`.'),
  ]
}

function partOf(heading: string, reasons: readonly Reason[], note?: string): string {
  return section(
    heading,
    note,
    reasons.map((reason) => entry(`\`${reason}\``, onTheWire(reason), catalogue[reason].says, mends[reason])),
  )
}

function onTheWire(reason: Reason): string {
  const { status, error } = wireOf(reason, grantTypes.tokenExchange)
  const isSubject = wireOf(reason, grantTypes.jwtBearer).error !== error
  const after = retryAfterOf(reason)
  return `${status} ${isSubject ? '*subject*' : `\`${error}\``}${after === undefined ? '' : `, try again after ${after} s`}`
}

function clientPart(): string {
  const note = `\`code\` of a \`FederationError\` of [@countersign/client](client.md), and what \`countersign token\` and \`run\` say. Where the
service gave a reason, \`code\` is that; these are the others. \`retryable\` says whether the client tries again by itself.`
  return section(
    'The client',
    note,
    clientCodes.map(({ code, thrown, says, mend }) =>
      entry(
        `\`${code}\``,
        thrown
          .split(', ')
          .map((each) => `\`${each}\``)
          .join(' or '),
        says,
        mend,
      ),
    ),
  )
}

function verifyPart(): string {
  const note = `\`code\` of a \`VerifyError\` of [@countersign/verify](../../src/verify/README.md), which a protected API answers as \`reason\`.`
  return section(
    'The verifier',
    note,
    verifyErrorCodes.map((code) => {
      const { status, message } = new VerifyError(code)
      return entry(`\`VerifyError\` \`${code}\``, `${status}`, message, verifyMends[code satisfies VerifyErrorCode])
    }),
  )
}

const section = (heading: string, note: string | undefined, entries: readonly string[]) =>
  [`## ${heading}\n`, ...(note === undefined ? [] : [`${note}\n`]), ...entries].join('\n')

const entry = (title: string, wire: string, says: string, [who, how]: Mend) =>
  `### ${title}\n\n${wire}: ${says}.\n\n**Mended by ${whoWords[who]}.** ${how}\n`
