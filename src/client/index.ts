/** @countersign/client: for workloads that need Countersign's access tokens. */
export {
  ConfigError,
  ExchangeDeniedError,
  FederationError,
  type FederationErrorCategory,
  NoAmbientCredentialError,
  RateLimitedError,
  ServerUnavailableError,
  SubjectTokenError,
  type Tried,
} from './federation-error.ts'
export type { TokenProviderOptions } from './provider-options.ts'
export { type SourceName, sourceNames } from './sources/ambient.ts'
export { type VercelOptions, vercel } from './sources/vercel.ts'
export type { SubjectAsk, SubjectToken, SubjectTokenSource } from './subject-token.ts'
export { type Environment, ownSurroundings, type SocketRequest, type Surroundings } from './surroundings.ts'
export {
  type AccessToken,
  createTokenProvider,
  type TokenAsk,
  type TokenEvents,
  type TokenProvider,
} from './token-provider.ts'
