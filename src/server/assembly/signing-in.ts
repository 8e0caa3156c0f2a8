import type { Failures } from '../accounts/failures.ts'
import type { HolderOf } from '../accounts/recognize.ts'
import { createDeviceLogin, type DeviceLogin } from '../admin/device-login.ts'
import type { Perform } from '../admin/perform.ts'
import { createSessions } from '../admin/sessions.ts'
import { createSetup, type Setup } from '../admin/setup.ts'
import type { AllLookups } from '../admin/store.ts'
import type { Callers } from '../exchange/callers.ts'
import { createFindSignedIn } from '../exchange/signed-in.ts'
import type { SignInRooms } from '../http/session.ts'
import type { Settings } from '../settings.ts'
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
}

export type SigningIn = { setup: Setup; login: DeviceLogin; signIn: SignInRooms }

/** How people come in: by the set-up link, for a terminal by the login page, and with a browser. */
export function createSigningIn(needs: Needs): SigningIn {
  const { settings, storage, reading, perform, failures, now, report } = needs
  const life = { most: settings.sessionHours * 3_600_000, idle: settings.sessionIdleMinutes * 60_000 }
  const seen = (id: string, at: number) => storage.writing.sessions.seen(id, at).catch(report)
  const { operatorKey } = settings
  return {
    setup: createSetup({ storage, reading, perform, now }),
    login: createDeviceLogin({ storage, perform, failures, now }),
    signIn: {
      sessions: createSessions({ ...needs, life }),
      signedIn: createFindSignedIn({ ...needs, sessions: reading.sessions, seen, operatorKey, life }),
      reading,
      life,
    },
  }
}
