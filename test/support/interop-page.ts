/** A page of docs/how-to about a client that we did not write, and the world in which its examples run as they stand. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { documented } from './documented.ts'
import { type HttpsService, startHttpsService } from './https-service.ts'
import { type Provider, startProvider } from './identity-provider.ts'
import { pasted } from './pasted.ts'
import { createWorld, type World } from './world.ts'

export type InteropPage = Awaited<ReturnType<typeof openInteropPage>>

export async function openInteropPage(name: string) {
  const page = `docs/how-to/${name}.md`
  const provider: Provider = await startProvider()
  const service: HttpsService = await startHttpsService()
  const world: World = await createWorld(service, provider)
  const dir = mkdtempSync(join(tmpdir(), 'countersign-'))
  const file = (name: string, text: string) => {
    writeFileSync(join(dir, name), text)
    return join(dir, name)
  }
  /** Whoever reads the file gets the newline too, as platforms and shells write it. */
  const tokenFile = (token = world.token()) => file('token', `${token}\n`)
  return {
    provider,
    service,
    world,
    dir,
    file,
    tokenFile,
    examples: (language: string) => documented(page, language),
    /** What the page says that a job is given. */
    env: {
      COUNTERSIGN_URL: world.audience,
      COUNTERSIGN_IDENTITY_TOKEN_FILE: tokenFile(),
      API_URL: `${service.publicUrl}/oauth/userinfo`,
      NODE_EXTRA_CA_CERTS: service.caFile,
    },
    pasted,
    /** Exchanges on record for this subject, oldest first. */
    async exchanges(subject: string) {
      const { body } = await world.api('GET', '/audit-events?type=token.exchange&limit=200')
      type Told = { result: string; reason?: string; detail: Record<string, unknown> }
      return (body.items as Told[]).filter(({ detail }) => detail.subject === subject).toReversed()
    },
    async close() {
      rmSync(dir, { recursive: true, force: true })
      await service.close()
      await provider.close()
    },
  }
}
