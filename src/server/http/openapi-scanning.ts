/** openapi.json of the reports of leaked secrets. */
import { z } from 'zod'
import type { ZodOpenApiOperationObject } from 'zod-openapi'
import { named, noStore, problems, refusing } from './openapi-answers.ts'
import { findings, secretScanningPath } from './secret-scanning.ts'

const feedback = z
  .array(
    z.object({
      token_hash: z.string().meta({ description: 'base64 of the SHA-256 of the secret' }),
      token_type: z.string(),
      label: z.enum(['true_positive', 'false_positive']),
    }),
  )
  .meta({ id: 'SecretScanningFeedback' })
const reportSecrets: ZodOpenApiOperationObject = {
  operationId: 'reportSecrets',
  tags: ['Leaked secrets'],
  summary: 'Secrets of ours that were found in public, as GitHub reports them',
  description:
    'For: partners of GitHub’s secret scanning programme, by their signature over the raw body. What is ours ends at once, and the trail of its organization says where it was found (api_key.leak, access_token.leak). At most 1,048,576 bytes.',
  security: [],
  requestParams: {
    header: z.object({
      'Github-Public-Key-Identifier': z.string().optional(),
      'Github-Public-Key-Signature': z.string().optional(),
    }),
  },
  requestBody: { required: true, content: { 'application/json': { schema: findings } } },
  responses: {
    '200': {
      description: 'Which of them were ours',
      headers: z.object({ ...named, 'Cache-Control': noStore }),
      content: { 'application/json': { schema: feedback } },
    },
    ...refusing(problems, [400, 401, 413, 422, 429, 503]),
  },
}

export const scanningPaths = { [secretScanningPath]: { post: reportSecrets } }
