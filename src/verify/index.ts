/** @countersign/verify: for APIs that accept Countersign's access tokens and API keys. */
export type { Caller } from './caller.ts'
export { credentialIn } from './credential.ts'
export type { Decision, Question } from './decision.ts'
export { type Problem, problemOf } from './problem.ts'
export type { AccessRule, Handler, Received, Reply, Seen } from './require-access.ts'
export { createVerifier, type Verifier } from './verifier.ts'
export type { VerifierOptions } from './verifier-options.ts'
export { VerifyError, type VerifyErrorCode } from './verify-error.ts'
