/**
 * AWS as its pages have it: STS in one region, whose signatures are really verified; the instance metadata service, version 2
 * alone; the endpoint that gives a container its credentials; and a role that a cluster's token may assume.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import type { Provider } from '../identity-provider.ts'
import { leaks } from '../leaks.ts'
import { type Checked, checkSignature, type Key } from './aws-signature-check.ts'
import { documentedClaims } from './documented-claims.ts'
import { type Answer, type Asked, json, startLoopback } from './loopback.ts'
import { type Machine, machine } from './machine.ts'

export const awsRegion = 'eu-west-1'
export const awsRole = 'arn:aws:iam::123456789012:role/trainer'
const taskArn = `arn:aws:ecs:${awsRegion}:123456789012:task/default/158d1c8083dd49d6b527399fd6414f5c`
export const ec2Firmware = { '/sys/class/dmi/id/sys_vendor': 'Amazon EC2\n' }
type Credentials = { AccessKeyId: string; SecretAccessKey: string; Token: string; Expiration: string }
export type Aws = {
  /** A machine of EC2 with an instance profile. */
  ec2(): Machine
  /** A task of ECS, whose region is in no variable, or with `isEks` a pod with a pod identity. */
  container(ask?: { isEks?: boolean }): Machine
  lambda(): Machine
  /** A pod of EKS whose service account may become a role. */
  webIdentity(token?: string): Machine
  /** Of a session of the role. Seconds. */
  session(life?: number): Credentials
  /** Where STS and the metadata service are. */
  routes: Record<string, string>
  asked: Asked[]
  /** Whether the account has outbound identity federation. */
  account: { isEnabled: boolean; mayAsk: boolean }
  instance: { hasProfile: boolean }
  /** What STS answers instead, once for each. */
  instead: (Answer | null)[]
  close(): Promise<void>
}

const xmlns = 'https://sts.amazonaws.com/doc/2011-06-15/'
const xml = (body: string, status = 200): Answer => ({ status, body, headers: { 'content-type': 'text/xml' } })
const done = (action: string, inner: string) =>
  xml(
    `<${action}Response xmlns="${xmlns}">\n  <${action}Result>\n${inner}\n  </${action}Result>\n  <ResponseMetadata>\n    <RequestId>${randomUUID()}</RequestId>\n  </ResponseMetadata>\n</${action}Response>\n`,
  )
/** The message of SignatureDoesNotMatch repeats what was signed, the session token included, as the real one's. */
export const stsError = (code: string, status: number, message = 'no') =>
  xml(
    `<ErrorResponse xmlns="${xmlns}">\n  <Error>\n    <Type>Sender</Type>\n    <Code>${code}</Code>\n    <Message>${message}</Message>\n  </Error>\n  <RequestId>${randomUUID()}</RequestId>\n</ErrorResponse>\n`,
    status,
  )

export async function startAws(provider: Provider): Promise<Aws> {
  const keys = new Map<string, Key>()
  const clusterTokens = new Set<string>()
  const [pass, imdsPass] = [randomBytes(24).toString('hex'), randomBytes(24).toString('base64')]
  leaks.learn('a chosen secret', pass)
  leaks.learn('a chosen secret', imdsPass)
  const account = { isEnabled: true, mayAsk: true }
  const instance = { hasProfile: true }
  const instead: (Answer | null)[] = []

  const session = (life = 3_600): Credentials => {
    const [id, secret] = [`ASIA${randomBytes(8).toString('hex').toUpperCase()}`, randomBytes(30).toString('base64')]
    const token = randomBytes(120).toString('base64')
    const expiresAt = Date.now() + life * 1000
    leaks.learn('a chosen secret', secret)
    leaks.learn('a chosen secret', token)
    keys.set(id, { secret, token, expiresAt })
    const Expiration = new Date(expiresAt).toISOString().replace(/\.\d+/, '')
    return { AccessKeyId: id, SecretAccessKey: secret, Token: token, Expiration }
  }

  function metadata({ method, url, headers }: Asked): Answer {
    if (url.pathname === '/latest/api/token') {
      const ttl = Number(headers['x-aws-ec2-metadata-token-ttl-seconds'])
      if (method !== 'PUT') return { status: 405 }
      return ttl >= 1 && ttl <= 21_600 ? { status: 200, body: imdsPass } : { status: 400 }
    }
    if (headers['x-aws-ec2-metadata-token'] !== imdsPass) return { status: 401 }
    const at = url.pathname.replace('/latest/meta-data/', '')
    if (at === 'placement/region') return { status: 200, body: awsRegion }
    if (at === 'iam/security-credentials/' && instance.hasProfile) return { status: 200, body: 'trainer' }
    if (at === 'iam/security-credentials/trainer' && instance.hasProfile)
      return json({ Code: 'Success', LastUpdated: new Date().toISOString(), Type: 'AWS-HMAC', ...session() })
    return { status: 404 }
  }

  function webIdentityToken(form: URLSearchParams, checked: Checked): Answer {
    if ('error' in checked)
      return stsError(
        checked.error,
        403,
        `Signed was: x-amz-security-token:${[...keys.values()].map(({ token }) => token).join()}`,
      )
    const audiences = [...form].filter(([name]) => /^Audience\.member\.\d+$/.test(name)).map(([, value]) => value)
    const life = Number(form.get('DurationSeconds') ?? 300)
    if (audiences.length < 1 || audiences.length > 10) return stsError('ValidationError', 400)
    if (!['RS256', 'ES384'].includes(form.get('SigningAlgorithm') ?? '')) return stsError('ValidationError', 400)
    if (!(life >= 60 && life <= 3_600)) return stsError('ValidationError', 400)
    if (!account.mayAsk) return stsError('AccessDenied', 403)
    if (!account.isEnabled) return stsError('OutboundWebIdentityFederationDisabledException', 403)
    const iat = Math.floor(Date.now() / 1000)
    if (checked.key.expiresAt !== undefined && (iat + life) * 1000 > checked.key.expiresAt)
      return stsError('SessionDurationEscalationException', 403)
    const claims = {
      ...documentedClaims('aws'),
      aud: audiences.length === 1 ? audiences[0] : audiences,
      iat,
      exp: iat + life,
    }
    if (provider.key().alg !== form.get('SigningAlgorithm')) throw new Error('this stand-in has no such key')
    const expires = new Date((iat + life) * 1000).toISOString()
    return done(
      'GetWebIdentityToken',
      `    <Expiration>${expires}</Expiration>\n    <WebIdentityToken>${provider.token(claims)}</WebIdentityToken>`,
    )
  }

  function sts({ method, url, headers, body }: Asked): Answer | null {
    if (method !== 'POST' || url.pathname !== '/') return { status: 404 }
    if (instead.length > 0) return instead.shift() as Answer | null
    const form = new URLSearchParams(body)
    if (form.get('Version') !== '2011-06-15') return stsError('InvalidAction', 400)
    if (form.get('Action') === 'AssumeRoleWithWebIdentity') {
      if (!clusterTokens.has(form.get('WebIdentityToken') ?? '')) return stsError('InvalidIdentityToken', 400)
      if (form.get('RoleArn') !== awsRole) return stsError('AccessDenied', 403)
      if (!/^[\w+=,.@-]{2,64}$/.test(form.get('RoleSessionName') ?? '')) return stsError('ValidationError', 400)
      const { Token, ...given } = session()
      const members = Object.entries({ ...given, SessionToken: Token })
      const inner = members.map(([name, value]) => `      <${name}>${value}</${name}>`).join('\n')
      return done('AssumeRoleWithWebIdentity', `    <Credentials>\n${inner}\n    </Credentials>`)
    }
    if (form.get('Action') !== 'GetWebIdentityToken') return stsError('InvalidAction', 400)
    const where = { keys, region: awsRegion, service: 'sts', now: Date.now() }
    const checked = (host: string | undefined) =>
      checkSignature({ method, url, body, headers: { ...headers, host } }, where)
    // By the endpoint's own variable, or by the name that leads here.
    const own = checked(headers.host)
    return webIdentityToken(form, 'error' in own ? checked(`sts.${awsRegion}.amazonaws.com`) : own)
  }

  const [stsServer, imds, credentials] = await Promise.all([
    startLoopback(sts),
    startLoopback(metadata),
    startLoopback(({ url, headers }) => {
      if (url.pathname === '/v4/task-1/task') return json({ Cluster: 'default', TaskARN: taskArn, Family: 'trainer' })
      const isEks = url.pathname === '/v1/credentials'
      if (isEks && headers.authorization !== pass) return { status: 401 }
      return isEks || url.pathname === '/v2/credentials/task-1'
        ? json({ RoleArn: awsRole, ...session() })
        : { status: 404 }
    }),
  ])
  const routes = {
    [`https://sts.${awsRegion}.amazonaws.com`]: stsServer.origin,
    'http://169.254.169.254': imds.origin,
    'http://169.254.170.2': credentials.origin,
    'http://169.254.170.23': credentials.origin,
  }
  // In a container of EC2's, the answer with the pass does not get beyond the host.
  const inContainer = { ...routes, 'http://169.254.169.254': null }
  const cluster = {
    env: { KUBERNETES_SERVICE_HOST: '10.0.0.1', AWS_REGION: awsRegion, COUNTERSIGN_SOURCE: 'aws' },
    routes: inContainer,
  }
  return {
    ec2: () => machine({ files: { ...ec2Firmware }, routes }),
    container: ({ isEks = false } = {}) => {
      if (!isEks)
        return machine({
          env: {
            AWS_EXECUTION_ENV: 'AWS_ECS_EC2',
            ECS_CONTAINER_METADATA_URI_V4: 'http://169.254.170.2/v4/task-1',
            AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/task-1',
          },
          routes: inContainer,
        })
      const file = '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token'
      const env = {
        ...cluster.env,
        AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file,
      }
      return machine({ ...cluster, env, files: { [file]: pass } })
    },
    lambda: () => {
      const { AccessKeyId, SecretAccessKey, Token } = session()
      const env = {
        AWS_LAMBDA_FUNCTION_NAME: 'trainer',
        AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
        AWS_REGION: awsRegion,
        AWS_ACCESS_KEY_ID: AccessKeyId,
        AWS_SECRET_ACCESS_KEY: SecretAccessKey,
        AWS_SESSION_TOKEN: Token,
      }
      return machine({ env, routes: inContainer })
    },
    webIdentity: (token) => {
      const own = token ?? provider.token({ sub: 'system:serviceaccount:prod:deployer', aud: ['sts.amazonaws.com'] })
      if (token === undefined) clusterTokens.add(own)
      const file = '/var/run/secrets/eks.amazonaws.com/serviceaccount/token'
      const env = { ...cluster.env, AWS_ROLE_ARN: awsRole, AWS_WEB_IDENTITY_TOKEN_FILE: file }
      return machine({ ...cluster, env, files: { [file]: own } })
    },
    session,
    routes,
    get asked() {
      return [...stsServer.asked, ...imds.asked, ...credentials.asked]
    },
    account,
    instance,
    instead,
    close: async () => {
      await Promise.all([stsServer.close(), imds.close(), credentials.close()])
    },
  }
}
