/** A workload of a small organization: a platform that signs, the running service, and a clock that the test moves. */
import type {
  FederationError,
  SubjectTokenSource,
  TokenProvider,
  TokenProviderOptions,
} from '../../src/client/index.ts'
import { createTokenProvider, ownSurroundings, type Surroundings } from '../../src/client/index.ts'
import { type Provider, startProvider } from './identity-provider.ts'
import { type Service, startService } from './server.ts'
import { createWorld, type World } from './world.ts'

export type ClientWorld = {
  service: Service
  world: World
  platform: Provider
  /** The organization's. */
  url: string
  /** How often the platform was asked for a token: once for each attempt to exchange one. */
  asked(): number
  /** ms that the workload's clock is ahead. */
  pass(ms: number): void
  here: Surroundings
  /** A token of the platform for the organization, whose life is that of the workload's clock. */
  signed(claims?: Record<string, unknown>): string
  source: SubjectTokenSource
  provider(options?: TokenProviderOptions): TokenProvider
  close(): Promise<void>
}

export async function startClientWorld(env: Record<string, string> = {}, account = {}): Promise<ClientWorld> {
  const platform = await startProvider()
  const service = await startService({ env })
  const world = await createWorld(service, platform, { account })
  const url = `${service.publicUrl}/orgs/acme`
  let asked = 0
  let ahead = 0
  const now = () => Date.now() + ahead
  const here: Surroundings = { ...ownSurroundings(), env: {}, now }
  const signed = (claims = {}) => world.token({ exp: Math.floor(now() / 1000) + 300, ...claims })
  const source: SubjectTokenSource = {
    name: 'test',
    async getSubjectToken({ audience }) {
      asked++
      return { token: `${signed({ aud: audience })}\n` }
    },
  }
  return {
    service,
    world,
    platform,
    url,
    here,
    signed,
    source,
    asked: () => asked,
    pass: (ms) => {
      ahead += ms
    },
    provider: (options = {}) => createTokenProvider({ url, source, surroundings: here, ...options }),
    async close() {
      await service.close()
      await platform.close()
    },
  }
}

/** What the work fails with. */
export async function failureOf(work: Promise<unknown>): Promise<FederationError & Record<string, unknown>> {
  try {
    await work
  } catch (error) {
    return error as FederationError & Record<string, unknown>
  }
  throw new Error('it did not fail')
}
