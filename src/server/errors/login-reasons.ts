import type { Row } from './catalogue.ts'

/** Reasons of signing in: of the set-up link, and of a terminal that is let in by a browser (RFC 8628 §3.5). */
export const loginReasons = {
  setup_link_invalid: {
    wire: { status: 404, error: 'not_found' },
    says: 'this set-up link is unknown, was used, or is older than an hour; start the service again for a new one',
  },
  login_pending: {
    wire: { status: 400, error: 'authorization_pending' },
    says: 'nobody has approved this login yet; ask again after the interval',
  },
  login_too_fast: {
    wire: { status: 400, error: 'slow_down' },
    says: 'this login is asked about too often; from now on wait 5 seconds more each time',
  },
  login_expired: {
    wire: { status: 400, error: 'expired_token' },
    says: 'this device code is unknown, was used, or is older than its expires_in; begin a new login',
  },
  login_denied: {
    wire: { status: 400, error: 'access_denied' },
    says: 'this login was denied, or whoever approved it is no longer who they were',
  },
  login_code_unknown: {
    wire: { status: 404, error: 'not_found' },
    says: 'no login waits under this code: it was mistyped, or is older than ten minutes',
  },
  login_decided: {
    wire: { status: 409, error: 'conflict' },
    says: 'this login was approved or denied before; nothing has changed',
  },
  unsupported_response_type: {
    wire: { status: 400, error: 'unsupported_response_type' },
    says: 'no person gets a token here with a browser: a workload shows its own at the token endpoint, by POST',
  },
  sso_unavailable: {
    wire: { status: 503, error: 'temporarily_unavailable' },
    says: 'the provider by which people sign in does not answer as it should; try again',
    retryAfter: 30,
  },
  sso_failed: {
    wire: { status: 400, error: 'access_denied' },
    says: 'the provider signed nobody in, or it was begun in another browser or more than ten minutes ago; begin anew',
  },
  sso_email_unverified: {
    wire: { status: 403, error: 'access_denied' },
    says: 'the provider does not say that your e-mail address is verified (email, email_verified)',
  },
  sso_person_unknown: {
    wire: { status: 403, error: 'access_denied' },
    says: 'no organization here has a user with your e-mail address',
  },
  not_a_person: {
    wire: { status: 403, error: 'access_denied' },
    says: 'only a person can let a terminal in: this key is of a service account, a resource server or the operator',
  },
} as const satisfies Record<string, Row>
