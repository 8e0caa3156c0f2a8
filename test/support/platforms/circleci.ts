/**
 * A CircleCI job: two tokens in the environment, for the organization's id, and the program `circleci`, which makes one whose
 * `aud` is asked for. It takes no other claim.
 */
import { delimiter } from 'node:path'
import type { Environment } from '../../../src/client/surroundings.ts'
import type { Provider } from '../identity-provider.ts'
import { documentedClaims } from './documented-claims.ts'
import { type Program, type Said, startProgram } from './program.ts'

export const organizationId = '0d9e0a52-5b54-4c42-8d8c-3a2f6a3b7c10'

export type Circleci = {
  env: Environment
  /** That of a container of the job's own, without the program. */
  envWithoutProgram: Environment
  /** That of a job of a fork, where secrets are not passed on. */
  envOfFork: Environment
  program: Program
  /** What the program does instead, once for each. */
  instead: (Said | null)[]
  close(): Promise<void>
}

export async function startCircleci(provider: Provider, claims: Record<string, unknown> = {}): Promise<Circleci> {
  const instead: (Said | null)[] = []
  const token = (aud: unknown, title: string) => {
    const iat = Math.floor(Date.now() / 1000)
    return provider.token({ iat, exp: iat + 3600, ...documentedClaims('circleci', title), ...claims, aud })
  }
  const first = () => token(organizationId, 'CIRCLE_OIDC_TOKEN')
  const second = (aud: unknown) => token(aud, 'with the subject of CIRCLE_OIDC_TOKEN_V2, at the root issuer')

  const program = await startProgram('circleci', (args) => {
    if (instead.length > 0) return instead.shift() as Said | null
    const [run, oidc, get, ...rest] = args
    if (run !== 'run' || oidc !== 'oidc' || get !== 'get') return { code: 255, stderr: 'Error: unknown command\n' }
    const flags = rest.filter((arg) => arg !== '--root-issuer')
    if (flags[0] !== '--claims' || flags.length !== 2) return { code: 255, stderr: 'Error: unknown flag\n' }
    let asked: Record<string, unknown>
    try {
      asked = JSON.parse(flags[1] as string)
    } catch {
      return { code: 255, stderr: 'Error: failed to parse claims\n' }
    }
    if (Object.keys(asked).some((claim) => claim !== 'aud')) return { code: 255, stderr: 'Error: only aud\n' }
    return { stdout: `${second(asked.aud ?? organizationId)}\n` }
  })
  const bare = {
    CI: 'true',
    CIRCLECI: 'true',
    CIRCLE_ORGANIZATION_ID: organizationId,
    CIRCLE_BRANCH: 'main',
    PATH: process.env.PATH as string,
  }
  const tokens = { CIRCLE_OIDC_TOKEN: first(), CIRCLE_OIDC_TOKEN_V2: second(organizationId) }
  return {
    env: { ...bare, ...tokens, PATH: program.PATH },
    envWithoutProgram: { ...bare, ...tokens, PATH: without(program) },
    envOfFork: { ...bare, CIRCLE_PR_USERNAME: 'mallory', CIRCLE_PR_REPONAME: 'app', CIRCLE_PR_NUMBER: '7' },
    program,
    instead,
    close: () => program.close(),
  }
}

const without = ({ PATH }: Program) => PATH.split(delimiter).slice(1).join(delimiter)
