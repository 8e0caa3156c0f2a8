/** Who mends what each reason says, and how: what docs/reference/reasons.md says beyond the catalogue. A new reason wants a row. */
import type { Reason } from '../../../src/server/errors/catalogue.ts'

export type Who = 'job' | 'admin' | 'operator' | 'sender' | 'nobody'
export type Mend = readonly [who: Who, how: string]

export const whoWords: Record<Who, string> = {
  job: 'whoever wrote the job',
  admin: 'an admin of the organization',
  operator: 'whoever runs the installation',
  sender: 'whoever sent the request',
  nobody: 'nobody; try again',
}

const explain = '[debug a refusal](../how-to/debug-a-refusal.md#match)'
const bound = '[bound tokens](../how-to/bound-tokens.md)'
const login = '[logging in](../how-to/login.md)'

export const mends: Readonly<Record<Reason, Mend>> = {
  malformed_request: ['sender', 'Send one form, or one JSON object, with the fields of the grant.'],
  parameter_missing: ['sender', 'The description names it. An empty parameter counts as absent.'],
  parameter_repeated: ['sender', 'Send each parameter once.'],
  request_too_large: ['sender', 'The whole body may have 65,536 bytes.'],
  unsupported_media_type: [
    'sender',
    '`Content-Type: application/x-www-form-urlencoded` or `application/json`, uncompressed.',
  ],
  unsupported_grant_type: ['sender', 'jwt-bearer, token-exchange or `client_credentials`.'],
  target_unknown: [
    'job',
    'Name the audience of one resource server of your organization (`COUNTERSIGN_TARGET`), or leave it out. Who has none yet: an admin registers the API.',
  ],
  scope_not_allowed: ['job', '`projects:read`, `projects:write`, and no more than the account may.'],

  token_malformed: [
    'job',
    'Send the JWT as the platform gave it: three parts, base64url, no repeated members; not one of our own access tokens.',
  ],
  token_too_large: [
    'admin',
    'A subject token may have 16,384 bytes: take claims out of it at the platform. Often it is groups.',
  ],
  algorithm_not_allowed: ['admin', "RS, PS or ES 256 to 512, or EdDSA, and among the issuer's `algorithms`."],
  critical_header: ['admin', 'A token with `crit` is not understood here: have the platform sign without.'],
  issuer_missing: ['job', 'The token has no `iss`: it is not the one that the platform signs for jobs.'],
  issuer_not_trusted: [
    'admin',
    'Register the issuer exactly as `iss` spells it, slash and case included; or enable it. `countersign ambient` shows the job what its token says.',
  ],
  audience_not_accepted: [
    'job',
    'Ask the platform for the audience that is registered (by default the URL of the organization, or its name), and for no other.',
  ],
  key_not_found: [
    'admin',
    'The issuer publishes no key with this `kid` for this `alg`. After a rotation: `POST …/issuers/{issuer}/refresh`.',
  ],
  signature_invalid: ['job', 'The token was changed on its way, or signed by somebody else. Send it as it came.'],
  expiry_missing: ['admin', 'The token has no `exp`: have the platform set one.'],
  issued_at_missing: ['admin', 'The token has no `iat`: have the platform set one.'],
  token_expired: [
    'job',
    'Fetch a fresh one for each exchange; compare clocks (`countersign doctor`). An admin can allow for more (`clock_tolerance`, default 60 s).',
  ],
  token_not_yet_valid: ['job', '`nbf` is in the future: compare clocks (`countersign doctor`).'],
  token_issued_in_future: ['job', '`iat` is in the future: compare clocks (`countersign doctor`).'],
  token_too_old: [
    'job',
    "Fetch a fresh one. Older or longer-lived than the issuer's `max_token_age` (default 24 h) is refused; an admin sets it.",
  ],
  subject_missing: ['job', 'The token has no `sub`: it is not the one that the platform signs for jobs.'],
  no_account_matches: [
    'admin',
    `No enabled External account trusts this issuer and subject. \`countersign explain REQUEST_ID\` shows what each trust policy missed: ${explain}.`,
  ],
  account_ambiguous: [
    'job',
    'More than one account trusts this subject: send `service_account` (`COUNTERSIGN_SERVICE_ACCOUNT`; `client_id` beside a client assertion).',
  ],
  token_replayed: [
    'job',
    'The issuer allows one use. Fetch a fresh token (so too when the try before met a 503 at another replica: it may have counted); or an admin allows `single_use_grace`.',
  ],

  dpop_proof_invalid: [
    'sender',
    'One `DPoP` header with a new proof for `POST` and the URL that is called, as `PUBLIC_URL` names it. The description says what is wrong.',
  ],
  dpop_nonce_required: [
    'sender',
    'Make the proof anew with the `nonce` in the `DPoP-Nonce` header of this answer. OAuth libraries do so by themselves.',
  ],
  dpop_proof_missing: ['job', `The account has \`dpop_bound_access_tokens\`: send a proof (${bound}).`],

  api_key_invalid: [
    'admin',
    'Unknown, revoked or expired, or of a disabled account: the same answer for all. Make a new key, or better: [do without](../how-to/migrate-from-api-keys.md).',
  ],
  issuer_unavailable: [
    'admin',
    "No key of the issuer could be fetched. It may pass by itself; if not, see the issuer's `health`, or `POST …/issuers/{issuer}/check`.",
  ],
  storage_unavailable: ['operator', 'The database is locked, full or away. Clients try again by themselves.'],
  rate_limited: [
    'nobody',
    'Too many failed attempts from one address in a minute (`LIMIT_FAILED_PER_MINUTE`). Mend the first refusal; wait as long as `Retry-After` says.',
  ],

  unauthenticated: [
    'sender',
    'Send `Authorization: Bearer` with an API key or an access token that is still good. `countersign whoami` says what yours is worth.',
  ],
  possession_unproven: [
    'sender',
    `The token is bound to a key (${bound}): send it as \`Authorization: DPoP\`, with a proof for this very request.`,
  ],
  possession_nonce_required: [
    'sender',
    'Make the proof anew with the `nonce` in the `DPoP-Nonce` header of this answer.',
  ],
  forbidden: [
    'admin',
    'Your role, or the scope of your token, is too little for this. An admin does it, or gives you the role.',
  ],
  not_found: [
    'sender',
    'Look at the spelling, and at the organization. What you may not see is answered like what is not there.',
  ],
  name_taken: ['sender', 'Choose another name; one that was deleted is free at once, but for restricted projects.'],
  audience_taken: [
    'admin',
    "One issuer and audience stand for one organization. Have the platform's tokens made for your organization's own URL, and register that.",
  ],
  key_ended: ['admin', 'Rotate the key that followed it, or make a new one.'],
  body_malformed: ['sender', 'One JSON object, UTF-8, no member twice. The detail says what could not be read.'],
  body_invalid: ['sender', '`errors` says for each field what does not fit. `/docs` shows what does.'],
  query_invalid: [
    'sender',
    '`errors` says which parameter. A cursor (`after`) is taken from the answer before, and not made.',
  ],
  evaluation_invalid: [
    'sender',
    '`errors` says which part of the question. [What one looks like](../how-to/protect-an-api.md#evaluation).',
  ],
  too_many_evaluations: ['sender', 'Send them in several requests; @countersign/verify does so by itself.'],
  account_of_another_team: [
    'admin',
    'Add an account of the whole organization, or one of the team that the project is in.',
  ],
  idempotency_key_reused: [
    'sender',
    'A new `Idempotency-Key` for each deed; the same one only for the same request again.',
  ],
  report_unproven: [
    'sender',
    'A report of leaked keys is signed by the partner: [leaked keys](../how-to/leaked-keys.md). Nothing was done.',
  ],
  partner_unavailable: [
    'operator',
    "The partner's keys (`SECRET_SCANNING_KEYS_URL`) cannot be fetched: let the service reach that address. The partner sends it again.",
  ],
  internal_error: ['operator', 'A bug of ours: its log line is found by the request id.'],

  in_use: ['admin', 'The detail says what depends on it: delete or move that first.'],
  managed: [
    'admin',
    'It is [kept in a file](../how-to/files.md): change it there and apply; `?force=true` where that must wait.',
  ],
  precondition_failed: [
    'sender',
    'Somebody changed it in between. Read it again, and send `If-Match` with what you then have.',
  ],

  cross_site: [
    'operator',
    'A page of another site sent this; it is right to refuse it. If the page was ours: `PUBLIC_URL` is not what the browser calls.',
  ],
  method_not_allowed: ['sender', '`Allow` says which methods there are.'],
  request_timeout: ['sender', 'Send the request at once: a proxy or a slow link held it back.'],
  url_too_long: ['sender', 'Shorten the URL; what is long goes into a body.'],
  expectation_failed: ['sender', 'Leave the `Expect` header out.'],
  headers_too_large: [
    'sender',
    'Send fewer or shorter headers. Often it is cookies of another service on the same host.',
  ],

  setup_link_invalid: [
    'operator',
    'Start the service again: it prints a new link, as long as there is no organization.',
  ],
  login_pending: ['nobody', `Ask again after the interval: ${login}.`],
  login_too_fast: ['sender', 'Wait 5 seconds more each time from now on.'],
  login_expired: ['sender', 'Begin a new login.'],
  login_denied: ['sender', 'Somebody denied it, or who approved it is gone. If it was you: begin a new login.'],
  login_code_unknown: ['sender', 'Compare the code with the terminal; after ten minutes begin a new login.'],
  login_decided: ['sender', 'The first decision stays. Begin a new login.'],
  sso_unavailable: [
    'operator',
    'The log says why. The service must reach `SSO_ISSUER`, and it must bear just that issuer: [signing in](../how-to/sign-in.md).',
  ],
  sso_failed: ['sender', 'Begin anew, in one browser and one tab. The log says what the provider answered.'],
  sso_email_unverified: [
    'operator',
    'Have the provider send `email` and `email_verified: true`: [signing in](../how-to/sign-in.md).',
  ],
  sso_person_unknown: [
    'admin',
    'Add the person to the users of the organization, with the address that they sign in with.',
  ],
  not_a_person: [
    'sender',
    "Approve with an API key of a person's. A machine is given one by `countersign login --with-key`.",
  ],
  unsupported_response_type: [
    'sender',
    'There is no authorization endpoint: nobody gets a token here with a browser. A person logs in with `countersign login`, a workload exchanges its token.',
  ],

  issuer_unreachable: [
    'admin',
    '`detail` says at which address and why. The service must reach the issuer, by https and at a public address (`ISSUER_NETWORK`); or upload its keys as `jwks`.',
  ],
  too_many_replays: ['nobody', 'Wait as long as `Retry-After` says.'],
  nothing_to_suggest: ['admin', '`detail` says why no trust policy would have granted it, and what mends that.'],
  lint_refused: [
    'admin',
    '`findings` say what is wrong and what would be better: [lint](lint.md). Who knows better says why with `override_reason`.',
  ],
}
