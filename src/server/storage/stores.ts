import type { Nouns } from '../admin/store.ts'
import { keepAudiences } from './audiences.ts'
import { changes } from './changes.ts'
import { collection } from './collection.ts'
import type { Database } from './database.ts'
import { idempotency } from './idempotency.ts'
import { issuerFetches } from './issuer-fetches.ts'
import { logins } from './logins.ts'
import { lookups } from './lookups.ts'
import { members } from './members.ts'
import * as nouns from './nouns.ts'
import { projectMembers } from './project-members.ts'
import { replays } from './replays.ts'
import { revocations } from './revocations.ts'
import type { Script } from './script.ts'
import { sessions } from './sessions.ts'
import { signingKeys } from './signing-keys.ts'
import type { Stores } from './storage.ts'
import { trail } from './trail.ts'
import { values } from './values.ts'

const collections = (db: Database): Nouns => ({
  organizations: collection(db, nouns.organizations),
  users: collection(db, nouns.users),
  teams: collection(db, nouns.teams),
  members: members(db),
  projects: collection(db, nouns.projects),
  projectMembers: projectMembers(db),
  issuers: collection(db, nouns.issuers, keepAudiences),
  serviceAccounts: collection(db, nouns.serviceAccounts),
  keys: collection(db, nouns.keys),
  policies: collection(db, nouns.policies),
  resourceServers: collection(db, nouns.resourceServers),
})

/** Every store, over one database or one transaction of it. */
export const stores = (db: Database, script: Script): Stores => ({
  ...collections(db),
  lookups: lookups(db),
  trail: trail(db, script),
  signingKeys: signingKeys(db),
  revocations: revocations(db),
  replays: replays(db),
  idempotency: idempotency(db),
  issuerFetches: issuerFetches(db),
  logins: logins(db),
  sessions: sessions(db),
  values: values(db),
  changes: changes(db),
})
