import { SubjectTokenError } from '../federation-error.ts'
import { isPassing, type PlatformAnswer } from './call-platform.ts'

/** What AWS calls it, and what to do. (docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html and the call's own page.) */
const known: Record<string, { says: string; code: string; hint: string }> = {
  OutboundWebIdentityFederationDisabled: {
    says: 'outbound identity federation is not enabled in this AWS account',
    code: 'platform_not_enabled',
    hint: 'once for the account: `aws iam enable-outbound-web-identity-federation`, which answers with the issuer to register',
  },
  AccessDenied: {
    says: 'this role may not ask for a token',
    code: 'permission_missing',
    hint: 'allow the role sts:GetWebIdentityToken; conditions on sts:IdentityTokenAudience, sts:SigningAlgorithm and sts:DurationSeconds have to let our audience, ES384 and 300 pass',
  },
  ExpiredToken: {
    says: 'the AWS credentials have expired',
    code: 'platform_credentials_expired',
    hint: 'those in AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN are not renewed by themselves: set new ones',
  },
  SessionDurationEscalation: {
    says: 'the AWS session ends before the token would',
    code: 'platform_credentials_expired',
    hint: 'the AWS credentials are about to expire: have them renewed',
  },
  SignatureDoesNotMatch: {
    says: 'AWS does not accept our signature',
    code: 'platform_credentials_refused',
    hint: 'AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID, or the clock of this machine is more than 5 minutes wrong',
  },
  InvalidClientTokenId: {
    says: 'AWS does not know these credentials',
    code: 'platform_credentials_refused',
    hint: 'the access key was deleted, or AWS_SESSION_TOKEN is missing beside AWS_ACCESS_KEY_ID',
  },
  InvalidIdentityToken: {
    says: 'AWS does not accept the token in AWS_WEB_IDENTITY_TOKEN_FILE',
    code: 'platform_credentials_refused',
    hint: 'register the OIDC provider of the cluster in IAM, and let the role trust this service account',
  },
}

/**
 * Its code alone is repeated: the message of SignatureDoesNotMatch has the session token in it.
 */
export function awsRefusal(action: string, { status, text }: PlatformAnswer): SubjectTokenError {
  const word = /<Code>([A-Za-z.]{1,80})<\/Code>/.exec(text)?.[1]
  const { says, code, hint } = known[(word ?? '').replace(/Exception$/, '')] ?? {}
  const isUnavailable = isPassing(status) || word === 'Throttling' || word === 'ThrottlingException'
  return new SubjectTokenError('aws', `${says ?? `${action} was refused`} (${word ?? status})`, {
    ...(code && { code }),
    hint: action === 'AssumeRoleWithWebIdentity' && word === 'AccessDenied' ? trust : hint,
    isUnavailable,
  })
}

const trust = 'the trust policy of the role in AWS_ROLE_ARN has to let this service account in'
