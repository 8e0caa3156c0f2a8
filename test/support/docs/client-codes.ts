/** The codes of the client that are not the service's; test/docs.test.ts holds them against src/client. */
import type { Mend } from './mends.ts'

type ClientCode = { code: string; thrown: string; says: string; mend: Mend }

const set: readonly ClientCode[] = [
  {
    code: 'config',
    thrown: 'ConfigError',
    says: 'what was set cannot be: a URL that is none or is not https, a source that nobody knows',
    mend: ['job', 'The message names the option or the variable. `countersign doctor` shows what is set.'],
  },
  {
    code: 'conflicting_credentials',
    thrown: 'ConfigError',
    says: 'an identity token and an API key are both set, and nobody can tell which is meant',
    mend: [
      'job',
      'Unset one of them, or say which by `COUNTERSIGN_SOURCE`. It is met on the [way from API keys](../how-to/migrate-from-api-keys.md).',
    ],
  },
  {
    code: 'audience_unknown',
    thrown: 'ConfigError',
    says: 'the platform has to be told whom its token is for, and nobody has said so',
    mend: [
      'job',
      "Give the organization's URL (`COUNTERSIGN_URL=https://HOST/orgs/NAME`), or set `COUNTERSIGN_AUDIENCE`.",
    ],
  },
  {
    code: 'disposed',
    thrown: 'ConfigError',
    says: 'the provider was disposed of, and asked all the same',
    mend: ['job', 'Make one provider for as long as the program runs.'],
  },
]

const platform: readonly ClientCode[] = [
  {
    code: 'no_ambient_credential',
    thrown: 'NoAmbientCredentialError',
    says: 'no platform that is known gives a token here; `tried` lists each, and why not',
    mend: [
      'job',
      'On a platform: [its page](../README.md#a-page-for-each-platform). Elsewhere set `COUNTERSIGN_IDENTITY_TOKEN_FILE`. `countersign ambient` shows where you are.',
    ],
  },
  {
    code: 'subject_token',
    thrown: 'SubjectTokenError',
    says: 'the platform is known, and gave no token; the message says what it did',
    mend: [
      'job',
      "The hint says what to do. The search does not go on, since another platform's token is not what was meant.",
    ],
  },
  {
    code: 'permission_missing',
    thrown: 'SubjectTokenError',
    says: 'the job may not ask its platform for a token',
    mend: [
      'job',
      "The hint says what to add: `permissions: id-token: write`, `id_tokens:`, `oidc: true`. A fork's pull request gets none, on purpose.",
    ],
  },
  {
    code: 'subject_token_missing',
    thrown: 'SubjectTokenError',
    says: 'the place where the token should be is empty: a file that is not there, a variable that is not set',
    mend: [
      'job',
      'The message names the place. [Its page](../README.md#a-page-for-each-platform) says how the token comes there.',
    ],
  },
  {
    code: 'subject_token_empty',
    thrown: 'SubjectTokenError',
    says: 'the token is empty',
    mend: ['job', 'The platform gave nothing, or the variable was set to nothing.'],
  },
  {
    code: 'subject_token_too_long',
    thrown: 'SubjectTokenError',
    says: 'the token is longer than 16,384 bytes',
    mend: ['job', 'It is another file, or a token with too many claims: as [`token_too_large`](#token_too_large).'],
  },
  {
    code: 'subject_token_malformed',
    thrown: 'SubjectTokenError',
    says: 'it is no JWT',
    mend: ['job', 'Is it an API key? That belongs in `COUNTERSIGN_API_KEY`.'],
  },
  {
    code: 'subject_token_expired',
    thrown: 'SubjectTokenError',
    says: 'the token has expired before it was sent',
    mend: [
      'job',
      'A token in a variable is as old as the job: exchange it early. One that was just given: the clock of this machine is ahead.',
    ],
  },
  {
    code: 'subject_token_misaddressed',
    thrown: 'SubjectTokenError',
    says: 'the token is for somebody else (`aud`), and was not sent',
    mend: [
      'job',
      'The hint says how to have one made for us: on Kubernetes, a [projected volume](../how-to/providers/kubernetes.md).',
    ],
  },
  {
    code: 'api_key_malformed',
    thrown: 'SubjectTokenError',
    says: 'the API key has white space or control characters in it',
    mend: ['job', 'Paste it anew: often a line end came along.'],
  },
  {
    code: 'no_platform_identity',
    thrown: 'SubjectTokenError',
    says: 'the platform knows no identity for this workload',
    mend: ['job', 'Give the machine, function or service a service account, managed identity or role.'],
  },
  {
    code: 'audience_not_registered',
    thrown: 'SubjectTokenError',
    says: 'Entra ID knows no application of the audience that was asked for',
    mend: ['job', 'Register one that stands for Countersign: [Entra ID](../how-to/providers/entra.md).'],
  },
  {
    code: 'platform_not_enabled',
    thrown: 'SubjectTokenError',
    says: 'the platform can, and is not told to',
    mend: ['job', 'Whoever administers the account there turns it on; the hint says where.'],
  },
  {
    code: 'platform_credentials_expired',
    thrown: 'SubjectTokenError',
    says: 'what the platform gave this workload to ask with has expired',
    mend: ['job', 'It is renewed by whatever wrote it; the hint says what.'],
  },
  {
    code: 'platform_credentials_refused',
    thrown: 'SubjectTokenError',
    says: 'the platform does not take what this workload asks with, or does not let it have a token',
    mend: ['job', 'The hint says which right is missing.'],
  },
  {
    code: 'platform_not_safe',
    thrown: 'SubjectTokenError',
    says: 'the address of the platform, or what it would be shown, is not what a platform sets: no https, no metadata address, characters that no header has',
    mend: [
      'job',
      'The message names the variable. It is set by the platform; whoever changed it might want your token.',
    ],
  },
  {
    code: 'platform_unavailable',
    thrown: 'SubjectTokenError',
    says: 'the platform cannot be reached, or is busy',
    mend: ['nobody', 'The client tries again by itself.'],
  },
  {
    code: 'program_failed',
    thrown: 'SubjectTokenError',
    says: "the platform's own program failed",
    mend: ['job', 'Run it by hand in the job: it says why.'],
  },
]

const service: readonly ClientCode[] = [
  {
    code: 'exchange_denied',
    thrown: 'ExchangeDeniedError',
    says: 'the service said no and gave no reason',
    mend: ['job', 'It may not be Countersign that answered: look at the URL, and at a proxy in between.'],
  },
  {
    code: 'not_countersign',
    thrown: 'ConfigError, ExchangeDeniedError',
    says: 'what answered does not speak like Countersign',
    mend: ['job', 'Look at the URL, and at a proxy in between.'],
  },
  {
    code: 'redirected',
    thrown: 'ConfigError',
    says: 'the answer was a redirect, which is not followed: it would carry the token elsewhere',
    mend: ['job', 'Give the URL that it leads to, if that is your Countersign.'],
  },
  {
    code: 'unexpected_service_account',
    thrown: 'ConfigError',
    says: 'the job has become another account than `expected-service-account` of the Action, and its token was revoked',
    mend: ['job', 'Name the account in `service-account`, or look which policies the token fits.'],
  },
  {
    code: 'not_revoked',
    thrown: 'ServerUnavailableError',
    says: 'the access token could not be revoked when the job ended; it ends by itself',
    mend: ['nobody', 'Keep `token_ttl` short where that matters.'],
  },
  {
    code: 'answer_too_long',
    thrown: 'ServerUnavailableError',
    says: 'the answer is longer than any of ours',
    mend: ['job', 'Look at the URL, and at a proxy in between.'],
  },
  {
    code: 'unreachable',
    thrown: 'ServerUnavailableError',
    says: 'nobody answered',
    mend: [
      'job',
      'It was tried until the time was up. `countersign doctor` says how far one comes: name, connection, certificate.',
    ],
  },
  {
    code: 'timeout',
    thrown: 'FederationError',
    says: 'no token came within `timeout`',
    mend: [
      'nobody',
      '`cause` has what the last try met. A token that is still good goes on being served; see `refreshFailed`.',
    ],
  },
  {
    code: 'unavailable',
    thrown: 'ServerUnavailableError',
    says: 'somebody answered who cannot at the moment (408, 5xx)',
    mend: [
      'nobody',
      'It was tried until the time was up. A token that is still good goes on being served; see `refreshFailed`.',
    ],
  },
]

export const clientCodes: readonly ClientCode[] = [...set, ...platform, ...service]
