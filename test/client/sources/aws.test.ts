import { inspect } from 'node:util'
import { expect } from 'chai'
import { aws } from '../../../src/client/sources/aws.ts'
import { createSubjectFinder } from '../../../src/client/sources/find.ts'
import { claimsOf } from '../../../src/client/sources/unverified.ts'
import { type Provider, startProvider } from '../../support/identity-provider.ts'
import { type Aws, awsRegion, awsRole, ec2Firmware, startAws, stsError } from '../../support/platforms/aws.ts'
import { type Machine, machine } from '../../support/platforms/machine.ts'
import { ask, audience, failure } from './asked.ts'

describe('client/sources/aws', () => {
  let provider: Provider
  let platform: Aws
  before(async () => {
    provider = await startProvider({ alg: 'ES384' })
    platform = await startAws(provider)
  })
  after(async () => {
    await platform?.close()
    await provider?.close()
  })
  const find = (here: Machine, own: Parameters<typeof ask>[0] = {}) => createSubjectFinder(undefined, here)(ask(own))
  const formOf = () => {
    const body = platform.asked.filter(({ body }) => body.includes('Action=GetWebIdentityToken')).at(-1)?.body
    return Object.fromEntries(new URLSearchParams(body))
  }
  const with_ = (here: Machine, env: Record<string, string | undefined>): Machine => ({
    ...here,
    env: { ...here.env, ...env },
  })

  const places: [what: string, here: () => Machine][] = [
    ['a machine of EC2, which says nothing but who made it', () => platform.ec2()],
    ['a task of ECS', () => platform.container()],
    ['a function of Lambda', () => platform.lambda()],
    ['a pod of EKS with a pod identity', () => platform.container({ isEks: true })],
    ['a pod of EKS whose service account may become a role', () => platform.webIdentity()],
  ]
  for (const [what, here] of places)
    it(`has a token made for us in ${what}`, async () => {
      const { token, source } = await find(here())
      expect(source).to.equal('aws')
      expect(claimsOf(token)).to.include({ aud: audience, sub: awsRole })
      const { exp, iat } = claimsOf(token) as { exp: number; iat: number }
      expect(exp - iat).to.equal(300)
      expect(formOf()).to.deep.equal({
        Action: 'GetWebIdentityToken',
        Version: '2011-06-15',
        'Audience.member.1': audience,
        SigningAlgorithm: 'ES384',
        DurationSeconds: '300',
      })
    })

  it('sends an audience as it is, whatever is in it', async () => {
    const odd = 'https://x.example/?a=1&Action=Other#ü +'
    expect(claimsOf((await find(platform.lambda(), { audience: odd })).token)?.aud).to.equal(odd)
  })

  it('is not at home where keys are in variables alone, and asks nobody to find out', async () => {
    const laptop = machine({ env: { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', AWS_REGION: awsRegion } })
    expect(await aws.detect?.(laptop)).to.equal(false)
    for (const env of [{ AWS_EXECUTION_ENV: 'CloudShell' }, { ECS_CONTAINER_METADATA_URI_V4: 'x' }])
      expect(await aws.detect?.(machine({ env }))).to.equal(true)
    const ec2 = machine({ files: ec2Firmware })
    expect(await aws.detect?.(ec2)).to.equal(true)
    expect([...laptop.astray, ...ec2.astray]).to.deep.equal([])
  })

  it('asks where AWS_ENDPOINT_URL_STS says, and shows its signature to nobody over a plain line', async () => {
    const { lambda } = platform
    const origin = Object.values(platform.routes)[0] as string
    const own = with_(lambda(), { AWS_ENDPOINT_URL_STS: origin })
    expect(claimsOf((await find(own)).token)?.aud).to.equal(audience)
    const plain = with_(lambda(), { AWS_ENDPOINT_URL_STS: 'http://sts.example' })
    expect((await failure(find(plain))).message).to.equal('aws: sts.example is not asked over http: it takes https')
    expect(plain.astray).to.deep.equal([])
    const ignored = with_(plain, { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' })
    expect(claimsOf((await find(ignored)).token)?.aud).to.equal(audience)
  })

  it('knows where STS is in other partitions', async () => {
    for (const [AWS_REGION, origin] of [
      ['cn-north-1', 'https://sts.cn-north-1.amazonaws.com.cn'],
      ['us-gov-west-1', 'https://sts.us-gov-west-1.amazonaws.com'],
      ['eusc-de-east-1', 'https://sts.eusc-de-east-1.amazonaws.eu'],
    ]) {
      const here = with_(platform.lambda(), { AWS_REGION })
      expect(await failure(find(here))).to.include({ retryable: true })
      expect(here.astray).to.deep.equal([origin])
    }
  })

  it('asks for no longer than its session lives', async () => {
    const { AccessKeyId, SecretAccessKey, Token, Expiration } = platform.session(200)
    const text = JSON.stringify({ AccessKeyId, SecretAccessKey, Token, Expiration })
    const here = platform.container()
    const fetch: Machine['fetch'] = async (input, init) =>
      String(input).includes('/v2/credentials/') ? new Response(text) : here.fetch(input, init)
    await find({ ...here, fetch })
    expect(Number(formOf().DurationSeconds)).to.be.within(190, 200)
  })

  describe('says how to mend it', () => {
    const broken: [why: string, here: () => Machine, code: string, says: RegExp, hint: RegExp][] = [
      [
        'no role on the machine',
        () => {
          platform.instance.hasProfile = false
          return platform.ec2()
        },
        'no_platform_identity',
        /^aws: there are no AWS credentials here$/,
        /instance profile/,
      ],
      [
        'no region',
        () =>
          with_(machine({ env: platform.lambda().env, routes: {} }), {
            AWS_REGION: undefined,
            AWS_EC2_METADATA_DISABLED: 'true',
          }),
        'no_platform_identity',
        /AWS_EC2_METADATA_DISABLED/,
        /AWS_REGION/,
      ],
      [
        'a task that does not say where it is',
        () => with_(platform.container(), { ECS_CONTAINER_METADATA_URI_V4: 'http://169.254.170.2/v4/other' }),
        'subject_token',
        /^aws: we do not know which region we are in$/,
        /AWS_REGION/,
      ],
      [
        'a region that is none',
        () => with_(platform.lambda(), { AWS_REGION: 'evil.example/x' }),
        'subject_token',
        /^aws: AWS_REGION is no region$/,
        /AWS_REGION/,
      ],
      [
        'outbound federation is not enabled',
        () => {
          platform.account.isEnabled = false
          return platform.lambda()
        },
        'platform_not_enabled',
        /^aws: outbound identity federation is not enabled in this AWS account \(OutboundWebIdentityFederationDisabledException\)$/,
        /aws iam enable-outbound-web-identity-federation/,
      ],
      [
        'the role may not',
        () => {
          platform.account.mayAsk = false
          return platform.lambda()
        },
        'permission_missing',
        /may not ask for a token \(AccessDenied\)/,
        /sts:GetWebIdentityToken/,
      ],
      [
        'a secret of another key',
        () => with_(platform.lambda(), { AWS_SECRET_ACCESS_KEY: 'another' }),
        'platform_credentials_refused',
        /SignatureDoesNotMatch/,
        /AWS_SECRET_ACCESS_KEY/,
      ],
      [
        'no session token',
        () => with_(platform.lambda(), { AWS_SESSION_TOKEN: undefined }),
        'platform_credentials_refused',
        /InvalidClientTokenId|SignatureDoesNotMatch/,
        /AWS_SE/,
      ],
      [
        'a session that has ended',
        () => {
          const { AccessKeyId, SecretAccessKey, Token } = platform.session(-1)
          return with_(platform.lambda(), {
            AWS_ACCESS_KEY_ID: AccessKeyId,
            AWS_SECRET_ACCESS_KEY: SecretAccessKey,
            AWS_SESSION_TOKEN: Token,
          })
        },
        'platform_credentials_expired',
        /have expired \(ExpiredToken\)/,
        /renewed/,
      ],
      [
        'a clock that is wrong',
        () => ({ ...platform.lambda(), now: () => Date.now() - 600_000 }),
        'platform_credentials_refused',
        /SignatureDoesNotMatch/,
        /clock/,
      ],
      [
        'a token of a cluster that IAM does not know',
        () => platform.webIdentity('no-token-of-this-cluster'),
        'platform_credentials_refused',
        /AWS_WEB_IDENTITY_TOKEN_FILE \(InvalidIdentityToken\)/,
        /OIDC provider/,
      ],
      [
        'a role that does not trust the service account',
        () => with_(platform.webIdentity(), { AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/other' }),
        'permission_missing',
        /AccessDenied/,
        /trust policy/,
      ],
    ]
    afterEach(() => {
      Object.assign(platform.account, { isEnabled: true, mayAsk: true })
      platform.instance.hasProfile = true
    })
    for (const [why, here, code, says, hint] of broken)
      it(why, async () => {
        const error = await failure(find(here()))
        expect(error).to.include({ category: 'credential', code })
        expect(error.message).to.match(says)
        expect(error.hint).to.match(hint)
      })
  })

  it('never repeats what AWS says: the session token is in it', async () => {
    const here = with_(platform.lambda(), { AWS_SECRET_ACCESS_KEY: 'another' })
    const error = inspect(await failure(find(here)), { depth: 9 })
    expect(error).to.contain('SignatureDoesNotMatch')
    for (const secret of ['AWS_SESSION_TOKEN', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])
      expect(error).to.not.contain(`${here.env[secret]}`.slice(0, 20))
  })

  it('does not trip over white space, nor repeats what cannot be sent', async () => {
    const { env } = platform.lambda()
    const spaced = Object.entries(env).map(([name, value]) => [name, /_KEY|TOKEN/.test(name) ? ` ${value}\n` : value])
    expect((await find(with_(platform.lambda(), Object.fromEntries(spaced)))).source).to.equal('aws')
    const broken = with_(platform.lambda(), { AWS_SESSION_TOKEN: 'one-token-of-the-tests\nanother' })
    const error = await failure(find(broken))
    expect(error).to.include({ code: 'platform_not_safe' })
    expect(inspect(error, { depth: 9 })).to.not.contain('one-token-of-the-tests')
    const named = with_(platform.lambda(), { AWS_ENDPOINT_URL_STS: 'http://user:pass-of-the-tests@127.0.0.1:1' })
    const refused = await failure(find(named))
    expect(refused).to.include({ code: 'platform_not_safe' })
    expect(inspect(refused, { depth: 9 })).to.not.contain('pass-of-the-tests')
  })

  it('may be asked again where that may help', async () => {
    for (const answer of [
      stsError('Throttling', 400),
      stsError('InternalFailure', 500),
      stsError('ServiceUnavailable', 503),
    ]) {
      platform.instead.push(answer)
      expect(await failure(find(platform.lambda()))).to.include({ retryable: true })
    }
    platform.instead.push({ status: 200, body: '<html></html>' })
    expect((await failure(find(platform.lambda()))).message).to.equal(
      'aws: the answer of AWS STS has no WebIdentityToken',
    )
  })

  it('waits a second for a metadata service out of reach, and says why that may be', async () => {
    const here = machine({ files: ec2Firmware, routes: { 'http://169.254.169.254': null } })
    const start = performance.now()
    const error = await failure(find(here))
    expect(performance.now() - start).to.be.within(900, 3_000)
    expect(error).to.include({ retryable: true })
    expect(error.hint).to.contain('hop limit')
  })

  it('asks nobody without an audience', async () => {
    const before = platform.asked.length
    expect(await failure(find(platform.ec2(), { audience: undefined }))).to.include({ code: 'audience_unknown' })
    expect(platform.asked.length).to.equal(before)
  })
})
