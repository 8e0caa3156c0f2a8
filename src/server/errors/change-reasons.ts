import type { Row } from './catalogue.ts'

/** Reasons against a change that is right by itself, and does not fit what is there. */
export const changeReasons = {
  in_use: { wire: { status: 409, error: 'conflict' }, says: 'other objects depend on this one' },
  managed: {
    wire: { status: 409, error: 'conflict' },
    says: 'it is kept in a file: change it there and apply, or give ?force=true',
  },
  precondition_failed: {
    wire: { status: 412, error: 'conflict' },
    says: 'the object has changed since you read it (If-Match); read it again',
  },
} as const satisfies Record<string, Row>
