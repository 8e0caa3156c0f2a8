import { type Aim, aimOf } from './aim.ts'
import { createClient } from './client.ts'
import type { Fill } from './commands.ts'
import { nameFor, readContexts, saveContext, writeContexts } from './contexts.ts'
import { misuse } from './failure.ts'
import { at, type Session } from './session.ts'
import { versionText } from './version.ts'

type Options = { withKey?: boolean; browser: boolean; days?: string }

export const login: Fill = (command, act) =>
  command
    .description('keep a key for this service, in a context of its own: one that a browser lets in, or one of yours')
    .argument('[url]', 'of the service, or of the organization there; the same as --url')
    .option('--with-key', 'an API key or access token, on standard input')
    .option('--no-browser', 'open none: show where to go')
    .option('--days <n>', 'that the key is to live, at most 90 (else 30); never longer than the one shown on the page')
    .addHelpText(
      'after',
      '\nExamples:\n  countersign login https://countersign.example\n  countersign login --with-key --url https://countersign.example < key.txt',
    )
    .action(
      act(async (session, url: string | undefined, { withKey, browser, days }: Options) => {
        if (url !== undefined && session.options.url !== undefined && url !== session.options.url)
          throw misuse('the argument and --url name two services')
        if (url !== undefined) session.options.url = url
        if (withKey) {
          if (days !== undefined) throw misuse('--days is of a login by browser: your key lives as long as it does')
          const secret = (await session.io.stdin.text()).trim()
          if (secret === '' || /\s/.test(secret)) throw misuse('standard input holds no key: one line is wanted')
          return keep(session, secret)
        }
        if (session.options.input === false)
          throw misuse('to log in by browser somebody has to be asked', 'countersign login --with-key < key.txt')
        const { keyByBrowser } = await import('./browser-login.ts')
        const wish = { url: loginAim(session).url, browser, ...(days === undefined ? {} : { days: daysIn(days) }) }
        const { secret, expiresAt } = await keyByBrowser(session, wish)
        await keep(session, secret, expiresAt)
        if (session.io.env.COUNTERSIGN_API_KEY)
          session.note('COUNTERSIGN_API_KEY is set, and goes before what was kept')
      }),
    )

/** Whom to log in at: the context that is asked for may be one that is yet to be made. */
export function loginAim({ io, options }: Session): Aim {
  const { context, ...others } = options
  return aimOf(io, context !== undefined && readContexts(io).contexts[context] ? options : others)
}

function daysIn(text: string): number {
  const days = /^\d{1,2}$/.test(text) ? Number(text) : 0
  if (days < 1 || days > 90) throw misuse('--days is a number, 1 to 90')
  return days
}

/** Asks the service whose the secret is, and keeps it. `expiresAt`: RFC 3339, when it ends by itself. */
export async function keep(session: Session, secret: string, expiresAt?: string): Promise<void> {
  const { url, org: named, origins } = loginAim(session)
  const me = await createClient({ url, secret, agent: `countersign-cli/${versionText()}` }).call('GET', at('me'))
  const org = typeof me.org === 'string' ? me.org : origins.org === 'context' ? undefined : named
  const own = org === undefined ? { url } : { url, org }
  const name = session.options.context ?? nameFor(own)
  saveContext(session.io, name, { ...own, secret, ...(expiresAt === undefined ? {} : { expires_at: expiresAt }) })
  await session.show({ context: name, ...own, type: me.type ?? null, name: me.name ?? null })
}

/** The key is forgotten here; it is not revoked. */
export const logout: Fill = (command, act) =>
  command
    .description('forget the key of the current context, or of all')
    .option('--all', 'of every context')
    .action(
      act(async (session, { all }: { all?: boolean }) => {
        const { contexts, current } = readContexts(session.io)
        const { context } = session.aim()
        const names = all ? Object.keys(contexts) : context === undefined ? [] : [context]
        for (const name of names) delete contexts[name]
        const left = current !== undefined && contexts[current] ? { current } : {}
        if (names.length > 0) writeContexts(session.io, { ...left, contexts })
        session.note(names.length > 0 ? `forgotten: ${names.join(', ')}` : 'nothing was kept')
        if (session.io.env.COUNTERSIGN_API_KEY) session.note('COUNTERSIGN_API_KEY is still set, and is used')
      }),
    )
