/** openapi.json of the access endpoints: AuthZEN and forward auth. */
import { z } from 'zod'
import type { ZodOpenApiOperationObject } from 'zod-openapi'
import { actions, attributionFaults, grounds, misfits, objections } from '../../protocol/access.ts'
import { principalTypes } from '../accounts/model.ts'
import { question, questions } from './access.ts'
import { named, noStore, problems, refusing } from './openapi-answers.ts'

const evaluation = z
  .object({
    decision: z.boolean(),
    context: z.object({
      project: z.string().optional().meta({ description: '`team/project`, where the question leads to one' }),
      reason: z.enum([...grounds, ...new Set([...objections, ...misfits])]),
      attributed_to: z.object({ id: z.string(), username: z.string(), email: z.string() }).optional(),
      attribution_ignored: z.enum(attributionFaults).optional(),
      error: z
        .object({ status: z.int(), message: z.string() })
        .optional()
        .meta({ description: 'Of one of several evaluations, when it cannot be read' }),
    }),
  })
  .meta({ id: 'Evaluation' })
const several = z.object({ evaluations: z.array(evaluation) }).meta({ id: 'Evaluations' })

const asked =
  'For: a resource server, by its key. `subject.type` is `service_account`, `user` or `token` (then `id` is an access token or API key), `resource.type` is `project` (`id`: `team/project`, or `project` in the subject’s own team), `action.name` is `read` or `write`; `context.attribution` may be `{username?, email?}`. What is not known is answered with no, and why.'
const json = (description: string, schema: z.ZodType) => ({
  description,
  headers: z.object({ ...named, 'Cache-Control': noStore }),
  content: { 'application/json': { schema } },
})
const statuses = [400, 401, 403, 413, 415, 429, 503]

const evaluate: ZodOpenApiOperationObject = {
  operationId: 'evaluateAccess',
  tags: ['Access'],
  summary: 'May this principal do that? (OpenID AuthZEN Authorization API 1.0)',
  description: asked,
  requestBody: { required: true, content: { 'application/json': { schema: question } } },
  responses: { '200': json('Yes or no, and why', evaluation), ...refusing(problems, statuses) },
}
const evaluateAll: ZodOpenApiOperationObject = {
  operationId: 'evaluateAccesses',
  tags: ['Access'],
  summary: 'Several questions in one request',
  description: `${asked} What stands beside \`evaluations\` is the default of each. Without \`evaluations\` it is one question, and has one answer.`,
  requestBody: { required: true, content: { 'application/json': { schema: questions } } },
  responses: {
    '200': json('One answer for each question, in their order', z.union([several, evaluation])),
    ...refusing(problems, statuses),
  },
}

const text = z.string()
const told = {
  'X-Countersign-Subject': text.meta({ header: { id: 'X-Countersign-Subject' } }),
  'X-Countersign-Organization': text.meta({ header: { id: 'X-Countersign-Organization' } }),
  'X-Countersign-Team': text.optional().meta({ description: 'Of an account', header: { id: 'X-Countersign-Team' } }),
  'X-Countersign-Scope': text.meta({ header: { id: 'X-Countersign-Scope' } }),
  'X-Countersign-Principal': z.enum(principalTypes).meta({ header: { id: 'X-Countersign-Principal' } }),
  'X-Countersign-Project': text.optional().meta({
    description: '`team/project`, when one was demanded',
    header: { id: 'X-Countersign-Project' },
  }),
}
const demand = (name: string, description: string) =>
  text.optional().meta({ description, param: { id: `demand-${name}` } })
const verify: ZodOpenApiOperationObject = {
  operationId: 'verifyRequest',
  tags: ['Access'],
  summary: 'Forward auth: may a proxy let this request through?',
  description:
    'For: a user or a service account, by access token or API key. The query is the proxy’s. Below this path (`/access/v1/verify/…`) the same is asked with any method, by headers `X-Countersign-Demand-Organization`, `-Audience`, `-Action` and `-Project`, no query counts, and a yes is 200, the only one that Envoy knows, with every header, empty where there is nothing to say.',
  requestParams: {
    query: z.object({
      organization: demand('organization', 'Whose principals are let through; without it those of every organization'),
      audience: demand('audience', 'A resource server of that organization, whose tokens are let through too'),
      action: z.enum(actions).optional(),
      project: demand('project', '`team/project`, or `project` in the team of the principal; `read` without an action'),
    }),
  },
  responses: {
    '204': { description: 'It may', headers: z.object({ ...named, ...told, 'Cache-Control': noStore }) },
    ...refusing(problems, [401, 403, 503]),
  },
}
const metadata: ZodOpenApiOperationObject = {
  operationId: 'getAccessMetadata',
  tags: ['Discovery'],
  summary: 'Where access is evaluated',
  security: [],
  responses: {
    '200': {
      description: 'Metadata of the policy decision point (AuthZEN 1.0)',
      headers: z.object({ ...named, 'Cache-Control': z.literal('public, max-age=300') }),
      content: {
        'application/json': {
          schema: z
            .object({
              policy_decision_point: z.url(),
              access_evaluation_endpoint: z.url(),
              access_evaluations_endpoint: z.url(),
            })
            .meta({ id: 'AccessMetadata' }),
        },
      },
    },
    ...refusing(problems, []),
  },
}

export const accessPaths = {
  '/access/v1/evaluation': { post: evaluate },
  '/access/v1/evaluations': { post: evaluateAll },
  '/access/v1/verify': { get: verify },
  '/.well-known/authzen-configuration': { get: metadata },
}
