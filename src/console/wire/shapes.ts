/** What the service answers, as far as the console reads it (openapi.json describes it all). */
export type * from './shapes/accounts.ts'
export type * from './shapes/issuers.ts'
export type * from './shapes/kept.ts'
export type * from './shapes/people.ts'
export type * from './shapes/policies.ts'
export type * from './shapes/session.ts'
export type * from './shapes/trail.ts'
