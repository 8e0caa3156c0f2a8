/** Who mends what the SDK for APIs refuses, and how; as mends.ts. */
import type { VerifyErrorCode } from '../../../src/verify/verify-error.ts'
import type { Mend } from './mends.ts'

export const verifyMends: Readonly<Record<VerifyErrorCode, Mend>> = {
  credential_missing: [
    'sender',
    'Send `Authorization: Bearer` with what `countersign token` prints, or use `countersign run` or the client.',
  ],
  token_malformed: ['sender', 'Send the token as it came; often it is an empty variable.'],
  type_wrong: ['job', "This is the platform's token: exchange it first, and send what comes back."],
  algorithm_wrong: ['sender', 'It is no access token of this installation.'],
  key_unknown: ['job', 'The signing key was withdrawn, or the token is of another installation: obtain a new one.'],
  signature_invalid: ['sender', 'The token was changed on its way. Send it as it came.'],
  issuer_wrong: ['sender', "The token is of another installation, or the verifier's `url` is not its `PUBLIC_URL`."],
  audience_wrong: ['job', 'Ask for the audience of this API (`COUNTERSIGN_TARGET`, or `target`).'],
  organization_wrong: ['job', "Use the URL of the API's organization."],
  token_expired: ['job', 'Obtain a new one. The client does so by itself: keep no token of your own.'],
  token_not_yet_valid: ['operator', "Compare the API's clock with that of the installation (`clockTolerance`)."],
  possession_unproven: [
    'sender',
    'Send it as `Authorization: DPoP`, with a proof: [bound tokens](../how-to/bound-tokens.md). The API must have `dpop` set.',
  ],
  nonce_required: [
    'sender',
    'Make the proof anew with the `nonce` in the `DPoP-Nonce` header. OAuth libraries do so by themselves.',
  ],
  inactive: [
    'admin',
    'It expired, was revoked, or its account is disabled. Obtain a new one; if that is refused, the trail says why.',
  ],
  api_key_needs_connection: ['operator', 'Give the verifier its `key`, or let callers exchange their key for a token.'],
  scope_missing: ['job', 'Ask for the scope (`COUNTERSIGN_SCOPE`), or for none, which is all that the account may.'],
  access_denied: ['admin', '`access_reason` says why: [reasons](../how-to/protect-an-api.md#reasons).'],
  unavailable: ['nobody', 'The client waits and tries again. If it stays so, the API cannot reach Countersign.'],
  key_refused: [
    'operator',
    "The API's own key was revoked or has expired: rotate it at the resource server, and give the verifier the new one.",
  ],
}
