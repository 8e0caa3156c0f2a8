/** The two ways to ask what a bearer may do: as a resource server, and as a proxy. */
import type { Lookups } from '../accounts/store.ts'
import type { Usage } from '../accounts/usage.ts'
import type { ReadOwn } from '../tokens/own.ts'
import { type Admit, createAdmit } from './admit.ts'
import { createBearerOf } from './bearer.ts'
import { createDecide } from './decide.ts'
import { createEvaluateFor, type EvaluateFor } from './evaluate.ts'

type Needs = { readOwn: ReadOwn; lookups: Lookups; used: Usage; publicUrl: () => string; now: () => number }

export function createAccess(needs: Needs): { evaluateFor: EvaluateFor; admit: Admit } {
  const asking = { ...needs, bearerOf: createBearerOf(needs), decide: createDecide(needs) }
  return { evaluateFor: createEvaluateFor(asking), admit: createAdmit(asking) }
}
