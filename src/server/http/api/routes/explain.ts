import type { z } from 'zod'
import { auditedTeams } from '../../../access/authority.ts'
import type { ExplainRequest } from '../../../exchange/explain-request.ts'
import { type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'

export function explainRoutes({ explain }: Rooms): Route[] {
  return [
    route({
      method: 'post',
      path: '/orgs/{org}/explain',
      tag: 'Explain',
      summary:
        'What the exchange would do with a token, or did with one on record, step by step, with what each policy missed. Nothing is minted or claimed. A team admin sees the policies of their teams alone',
      right: 'anyTeamAdmin',
      changes: false,
      body: schemas.explainAsk,
      answer: schemas.explained,
      run: async ({ body, place, caller }) => ({
        body: { ...(await explain(requestOf(body), place.org, auditedTeams(caller))) },
      }),
    }),
  ]
}

function requestOf(body: z.output<typeof schemas.explainAsk>): ExplainRequest {
  const { assertion, request_id, service_account, scope, resource, requested_token_ttl, policy } = body
  return {
    proof:
      assertion === undefined ? { kind: 'recorded', requestId: request_id ?? '' } : { kind: 'token', token: assertion },
    targets: resource === undefined ? [] : [resource],
    ...(service_account === undefined ? {} : { serviceAccount: service_account }),
    ...(scope === undefined ? {} : { scope }),
    ...(requested_token_ttl === undefined ? {} : { requestedTtl: requested_token_ttl }),
    ...(policy === undefined ? {} : { policy: triedOf(policy) }),
  }
}

function triedOf({ service_account, ...policy }: NonNullable<z.output<typeof schemas.explainAsk>['policy']>) {
  return { ...policy, serviceAccount: service_account }
}
