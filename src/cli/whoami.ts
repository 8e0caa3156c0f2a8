import type { Fill } from './commands.ts'
import { notLoggedIn } from './failure.ts'
import { at, type Session } from './session.ts'

/** Without a call what this machine knows; with `--verify` what the service says. 4 when there is neither key nor identity. */
export const whoami: Fill = (command, act) =>
  command
    .description('whom you call, and as whom; asks nobody without --verify')
    .option('--verify', 'ask the service, and show your roles; in a job: exchange, and show whom it becomes')
    .action(
      act(async (session, { verify }: { verify?: boolean }) => {
        const { url, org, context, secret, origins } = session.aim()
        const known = {
          url,
          ...(org === undefined ? {} : { org }),
          ...(context === undefined ? {} : { context }),
        }
        if (secret === undefined) return ofJob(session, known, verify === true)
        const mine = { ...known, key: hintOf(secret), key_from: origins.secret ?? null }
        await session.show(verify ? { ...mine, ...(await session.client().call('GET', at('me'))) } : mine)
      }),
    )

/** Where there is no key, but a platform that says who this is. */
async function ofJob(session: Session, known: { url: string }, isAsked: boolean): Promise<void> {
  const { lookAround } = await import('./job/subject.ts')
  const { source } = await lookAround(session, {})
  if (source === undefined) throw notLoggedIn(known.url)
  if (!isAsked) {
    await session.show({ ...known, source })
    session.note('countersign whoami --verify exchanges it, and says whom it becomes; countersign ambient looks at it')
    return
  }
  const { becomes } = await import('./job/becomes.ts')
  await session.show({ ...known, source, ...(await becomes(session)) })
}

/** Enough to tell one API key from another; of any other secret nothing is shown. */
const hintOf = (secret: string) => (/^csk_\w{20,}$/.test(secret) ? `${secret.slice(0, 8)}…${secret.slice(-4)}` : '…')
