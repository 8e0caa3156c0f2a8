/**
 * A Buildkite job: the agent's API, which knows the job by its id and the agent by a `Token`, and the agent itself. The ids of
 * organization and pipeline are in a token only when they were asked for.
 */
import { randomBytes } from 'node:crypto'
import type { Environment } from '../../../src/client/surroundings.ts'
import type { Provider } from '../identity-provider.ts'
import { leaks } from '../leaks.ts'
import { documentedClaims } from './documented-claims.ts'
import { type Answer, type Asked, json, startLoopback } from './loopback.ts'
import { flagsOf, type Program, type Said, startProgram } from './program.ts'

const job = '0184990a-477b-4fa8-9968-496074483cee'
/** Claims that a token has only on demand. */
const optional = ['organization_id', 'pipeline_id', 'cluster_id', 'cluster_name', 'queue_id', 'queue_key', 'build_id']

export type Buildkite = {
  env: Environment
  /** That of a container that has the agent's program, and not its variables. */
  envWithProgram: Environment
  /** That of a container that has neither. */
  envOfContainer: Environment
  asked: Asked[]
  program: Program
  /** What comes instead, once for each. */
  instead: (Answer | null)[]
  /** What the program does instead, once for each. */
  programInstead: Said[]
  close(): Promise<void>
}

export async function startBuildkite(provider: Provider, claims: Record<string, unknown> = {}): Promise<Buildkite> {
  const pass = `bkaj_${randomBytes(24).toString('hex')}`
  leaks.learn('a chosen secret', pass)
  const instead: (Answer | null)[] = []
  const programInstead: Said[] = []
  const token = (aud: string | undefined, asked: readonly string[]) => {
    const all: Record<string, unknown> = {
      cluster_id: '0184990a-cccc-4fa8-9968-496074483ccc',
      ...documentedClaims('buildkite'),
    }
    for (const claim of optional) if (!asked.includes(claim)) delete all[claim]
    return provider.token({ ...all, ...claims, aud: aud || 'https://buildkite.com/acme-inc' })
  }

  const server = await startLoopback(({ method, url, headers, body }) => {
    if (instead.length > 0) return instead.shift() as Answer | null
    if (headers.authorization !== `Token ${pass}`) return json({ message: 'Invalid access token' }, 401)
    if (url.pathname !== `/v3/jobs/${job}/oidc/tokens`) return json({ message: 'Not Found' }, 404)
    if (method !== 'POST') return json({ message: 'Method Not Allowed' }, 405)
    if (!headers['content-type']?.startsWith('application/json')) return json({ message: 'Bad Request' }, 400)
    const { audience, claims: asked = [], subject_claim: subject, ...rest } = JSON.parse(body)
    const strange = Object.keys(rest).filter((key) => key !== 'lifetime' && key !== 'aws_session_tags')
    if (strange.length > 0 || !Array.isArray(asked) || asked.some((claim) => !optional.includes(claim)))
      return json({ message: 'Unprocessable' }, 422)
    if (subject !== undefined && !optional.includes(subject)) return json({ message: 'Unprocessable' }, 422)
    return json({ token: token(audience, asked) }, 201)
  })
  const program = await startProgram('buildkite-agent', (args) => {
    if (programInstead.length > 0) return programInstead.shift() as Said
    if (args[0] !== 'oidc' || args[1] !== 'request-token') return { code: 1, stderr: 'No help topic\n' }
    const flags = flagsOf(args.slice(2), ['--audience', '--claim', '--lifetime', '--job', '--subject-claim'])
    if (!flags) return { code: 1, stderr: 'Incorrect Usage: flag provided but not defined\n' }
    const asked = (flags.get('--claim') ?? []).flatMap((list) => list.split(','))
    if (asked.some((claim) => !optional.includes(claim)))
      return { code: 1, stderr: 'buildkite-agent: fatal: POST https://agent.buildkite.com/v3: 422\n' }
    return { stdout: `${token(flags.get('--audience')?.at(-1), asked)}\n` }
  })
  const envOfContainer = {
    CI: 'true',
    BUILDKITE: 'true',
    BUILDKITE_BRANCH: 'main',
    BUILDKITE_ORGANIZATION_SLUG: 'acme-inc',
    BUILDKITE_PIPELINE_SLUG: 'super-duper-app',
    PATH: process.env.PATH as string,
  }
  return {
    env: {
      ...envOfContainer,
      BUILDKITE_JOB_ID: job,
      BUILDKITE_AGENT_ENDPOINT: `${server.origin}/v3`,
      BUILDKITE_AGENT_ACCESS_TOKEN: pass,
      PATH: program.PATH,
    },
    envWithProgram: { ...envOfContainer, PATH: program.PATH },
    envOfContainer,
    asked: server.asked,
    program,
    instead,
    programInstead,
    async close() {
      await program.close()
      await server.close()
    },
  }
}
