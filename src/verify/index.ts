/** @countersign/verify: for APIs that accept Countersign's access tokens and API keys. */
export type { Caller } from './caller.ts'
export type { Decision, Question } from './decision.ts'
export type { AccessRule, Handler, Received, Reply, Seen } from './require-access.ts'
export { createVerifier, type Verifier, type VerifierOptions } from './verifier.ts'
export { VerifyError, type VerifyErrorCode } from './verify-error.ts'
