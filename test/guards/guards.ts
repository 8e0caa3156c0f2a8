/**
 * What keeps each line of docs/explanation/security.md, and the test that misses it when it is taken out (`npm run guards`).
 * `cut` stands once in `file`; `put` is what is left in its place, nothing unless said.
 */
import { apiGuards } from './api.ts'
import { celGuards } from './cel.ts'
import { clientGuards } from './client.ts'
import { doorGuards } from './doors.ts'
import { fetchingGuards } from './fetching.ts'
import { jobGuards } from './jobs.ts'
import { policyGuards } from './policies.ts'
import { readingGuards } from './reading.ts'
import { replayGuards } from './replays.ts'
import { sessionGuards } from './sessions.ts'
import { sourceGuards } from './sources.ts'

/** `and`: what goes with it, in the same file. */
export type Guard = {
  line: string
  file: string
  cut: string
  put?: string
  and?: { cut: string; put: string }
  test: string
}

export const guards: readonly Guard[] = [
  ...readingGuards,
  ...fetchingGuards,
  ...apiGuards,
  ...doorGuards,
  ...policyGuards,
  ...celGuards,
  ...replayGuards,
  ...clientGuards,
  ...sourceGuards,
  ...jobGuards,
  ...sessionGuards,
]
