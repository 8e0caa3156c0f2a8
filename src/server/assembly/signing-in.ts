import type { Failures } from '../accounts/failures.ts'
import { createDeviceLogin, type DeviceLogin } from '../admin/device-login.ts'
import type { Perform } from '../admin/perform.ts'
import { createSetup, type Setup } from '../admin/setup.ts'
import type { Storage, Stores } from '../storage/storage.ts'

type Needs = { storage: Storage; reading: Stores; perform: Perform; failures: Failures; now: () => number }

export type SigningIn = { setup: Setup; login: DeviceLogin }

/** How people come in before there is anybody to ask: by the set-up link, and for a terminal by the login page. */
export const createSigningIn = ({ storage, reading, perform, failures, now }: Needs): SigningIn => ({
  setup: createSetup({ storage, reading, perform, now }),
  login: createDeviceLogin({ storage, perform, failures, now }),
})
