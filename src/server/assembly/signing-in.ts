import type { Logger } from 'pino'
import type { Failures } from '../accounts/failures.ts'
import type { HolderOf } from '../accounts/recognize.ts'
import { createDeviceLogin, type DeviceLogin } from '../admin/device-login.ts'
import type { Perform } from '../admin/perform.ts'
import { createSessions } from '../admin/sessions.ts'
import { createSetup, type Setup } from '../admin/setup.ts'
import type { AllLookups } from '../admin/store.ts'
import type { Deed } from '../audit/event.ts'
import type { Callers } from '../exchange/callers.ts'
import { createUsersOf } from '../exchange/persons-email.ts'
import { createFindSignedIn } from '../exchange/signed-in.ts'
import type { SignInRooms } from '../http/session.ts'
import { isLoopback } from '../setting-values.ts'
import type { Settings } from '../settings.ts'
import { createProvider } from '../sign-in/provider.ts'
import type { Storage, Stores } from '../storage/storage.ts'
import type { Seal } from '../tokens/seal.ts'

type Needs = {
  settings: Settings
  storage: Storage
  reading: Stores
  perform: Perform
  failures: Failures
  lookups: AllLookups
  holderOf: HolderOf
  callers: Callers
  seal: Seal
  now: () => number
  report: (error: unknown) => void
  record: (deed: Deed) => Promise<void>
  publicUrl: () => string
  log: Logger
}

export type SigningIn = { setup: Setup; login: DeviceLogin; signIn: SignInRooms }

/** How people come in: by the set-up link, for a terminal by the login page, and with a browser. */
export function createSigningIn(needs: Needs): SigningIn {
  const { settings, storage, reading, perform, failures, now, report, publicUrl, log } = needs
  const life = { most: settings.sessionHours * 3_600_000, idle: settings.sessionIdleMinutes * 60_000 }
  const seen = (id: string, at: number) => storage.writing.sessions.seen(id, at).catch(report)
  const { operatorKey, sso, issuerNetwork: network } = settings
  const isPlainAllowed = (url: URL) => network.kind === 'any' || isLoopback(url)
  return {
    setup: createSetup({ storage, reading, perform, now }),
    login: createDeviceLogin({ storage, perform, failures, now }),
    signIn: {
      provider:
        sso &&
        createProvider({
          ...sso,
          isPlainAllowed,
          publicUrl,
          now,
          report: (facts) => log.warn(facts, 'nobody was signed in by the provider'),
        }),
      sessions: createSessions({ ...needs, life }),
      signedIn: createFindSignedIn({
        ...needs,
        sessions: reading.sessions,
        seen,
        operatorKey,
        ssoIssuer: sso?.issuer,
        life,
      }),
      usersOf: createUsersOf(reading),
      failures,
      seal: needs.seal,
      now,
      reading,
      life,
    },
  }
}
