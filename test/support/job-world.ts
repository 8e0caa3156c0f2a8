/** A job for the command line: a service, an organization, an issuer, a registered API, and what the job has in its hands. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../src/cli/main.ts'
import { type Provider, startProvider } from './identity-provider.ts'
import { leaks } from './leaks.ts'
import { type Service, startService } from './server.ts'
import { createWorld, type World } from './world.ts'

export type JobWorld = {
  provider: Provider
  service: Service
  world: World
  /** The audience of a registered resource server. */
  target: string
  folder: string
  /** A folder that belongs to nobody's settings, a fresh identity token in a file, and the organization's URL. */
  env: Record<string, string>
  /** A new token into the file. */
  renewIdentity(): void
  close(): Promise<void>
}

export async function startJobWorld(): Promise<JobWorld> {
  const provider = await startProvider()
  const service = await startService()
  const world = await createWorld(service, provider)
  const target = 'https://registry.example'
  await world.make('/resource-servers', { name: 'registry', audience: target })
  const folder = mkdtempSync(join(tmpdir(), 'countersign-job-'))
  const file = join(folder, 'identity.jwt')
  const renewIdentity = () => writeFileSync(file, `${world.token()}\n`)
  renewIdentity()
  return {
    provider,
    service,
    world,
    target,
    folder,
    env: {
      HOME: folder,
      TMPDIR: folder,
      COUNTERSIGN_CONFIG_DIR: join(folder, 'config'),
      COUNTERSIGN_URL: world.audience,
      COUNTERSIGN_IDENTITY_TOKEN_FILE: file,
    },
    renewIdentity,
    async close() {
      await service.close()
      await provider.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

type How = { env: Readonly<Record<string, string | undefined>>; cwd?: string; stdin?: string; isTerminal?: boolean }

/** A command within this process. What it says on stderr is searched for secrets; an access token belongs on stdout alone. */
export async function inProcess(words: readonly string[], { env, cwd = '/', stdin = '', isTerminal = false }: How) {
  const said = { stdout: '', stderr: '' }
  const code = await run(['node', 'countersign', ...words], {
    stdout: {
      write: (text) => {
        said.stdout += text
      },
      isTTY: isTerminal,
    },
    stderr: {
      write: (text) => {
        said.stderr += text
      },
      isTTY: isTerminal,
    },
    stdin: { text: async () => stdin, line: async () => '', isTTY: isTerminal },
    env,
    home: env.HOME ?? '/nowhere',
    cwd,
    now: Date.now,
  })
  if (env.GITHUB_ACTIONS !== 'true') leaks.refuse(`stderr of ${words.join(' ')}`, said.stderr)
  return { code, ...said }
}
