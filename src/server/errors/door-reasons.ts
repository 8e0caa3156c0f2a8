import type { Row } from './catalogue.ts'

/** Reasons of the doors: what is wrong with a request before it is known what it wants. */
export const doorReasons = {
  cross_site: {
    wire: { status: 403, error: 'access_denied' },
    says: 'a page of another site sent this; only pages of this service may',
  },
  method_not_allowed: { wire: { status: 405, error: 'invalid_request' }, says: 'this method is not available here' },
  request_timeout: {
    wire: { status: 408, error: 'invalid_request' },
    says: 'the request took too long to arrive',
  },
  url_too_long: {
    wire: { status: 414, error: 'invalid_request' },
    says: 'the URL is longer than what is taken here',
  },
  expectation_failed: {
    wire: { status: 417, error: 'invalid_request' },
    says: 'of what an Expect header can ask for, only 100-continue is met here',
  },
  headers_too_large: {
    wire: { status: 431, error: 'invalid_request' },
    says: 'the head of the request is larger than what is taken here',
  },
} as const satisfies Record<string, Row>
