import type { Fill } from './commands.ts'
import { notLoggedIn } from './failure.ts'
import { at } from './session.ts'

/** Without a call what this machine knows; with `--verify` what the service says. 4 when there is no key. */
export const whoami: Fill = (command, act) =>
  command
    .description('whom you call, and as whom; asks nobody without --verify')
    .option('--verify', 'ask the service, and show your roles')
    .action(
      act(async (session, { verify }: { verify?: boolean }) => {
        const { url, org, context, secret, origins } = session.aim()
        if (secret === undefined) throw notLoggedIn(url)
        const known = {
          url,
          ...(org === undefined ? {} : { org }),
          ...(context === undefined ? {} : { context }),
          key: hintOf(secret),
          key_from: origins.secret ?? null,
        }
        await session.show(verify ? { ...known, ...(await session.client().call('GET', at('me'))) } : known)
      }),
    )

/** Enough to tell one API key from another; of any other secret nothing is shown. */
const hintOf = (secret: string) => (/^csk_\w{20,}$/.test(secret) ? `${secret.slice(0, 8)}…${secret.slice(-4)}` : '…')
