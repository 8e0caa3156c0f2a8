import type { Row } from './catalogue.ts'

/** Reasons of registering issuers and saving policies, and of trying policies before they guard anything. */
export const trustReasons = {
  issuer_unreachable: {
    wire: { status: 422, error: 'invalid_request' },
    says: 'the keys of the issuer could not be fetched; see detail',
  },
  too_many_replays: {
    wire: { status: 429, error: 'slow_down' },
    says: 'as many replays as may run at once are running; try again when they are done',
    retryAfter: 5,
  },
  nothing_to_suggest: {
    wire: { status: 422, error: 'invalid_request' },
    says: 'no trust policy would have granted this exchange; see detail',
  },
  lint_refused: {
    wire: { status: 422, error: 'invalid_request' },
    says: 'lint found an error, so nothing was saved; see findings, or say why it is right with override_reason',
  },
} as const satisfies Record<string, Row>
