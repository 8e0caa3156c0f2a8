/** The ways to ask who a bearer is and what they may do, all of one mind about who that is. */
import type { Lookups } from '../accounts/store.ts'
import type { Usage } from '../accounts/usage.ts'
import type { ReadOwn } from '../tokens/own.ts'
import { type Admit, createAdmit } from './admit.ts'
import { createBearerOf } from './bearer.ts'
import { createDecide } from './decide.ts'
import { createEvaluateFor, type EvaluateFor } from './evaluate.ts'
import { createIntrospect, type Introspect } from './introspect.ts'

type Needs = { readOwn: ReadOwn; lookups: Lookups; used: Usage; publicUrl: () => string; now: () => number }

export type Access = { introspect: Introspect; evaluateFor: EvaluateFor; admit: Admit }

export function createAccess(needs: Needs): Access {
  const asking = { ...needs, bearerOf: createBearerOf(needs), decide: createDecide(needs) }
  return { introspect: createIntrospect(asking), evaluateFor: createEvaluateFor(asking), admit: createAdmit(asking) }
}
