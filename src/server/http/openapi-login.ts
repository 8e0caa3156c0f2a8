/** openapi.json of how a terminal is let in. */
import { z } from 'zod'
import type { ZodOpenApiOperationObject } from 'zod-openapi'
import { keyLives, loginPaths } from './device-login.ts'
import { loginRefusals, named, noStore, refusing } from './openapi-answers.ts'

const formOrJson = (schema: z.ZodType) => ({
  content: { 'application/x-www-form-urlencoded': { schema }, 'application/json': { schema } },
})
const answering = (description: string, schema: z.ZodType) => ({
  description,
  headers: z.object({ ...named, 'Cache-Control': noStore }),
  content: { 'application/json': { schema } },
})

const begun = z
  .object({
    device_code: z.string().meta({ description: 'For the terminal alone' }),
    user_code: z.string().meta({ description: 'For the person to compare', example: 'WDJB-MJHT' }),
    verification_uri: z.string(),
    verification_uri_complete: z.string().meta({ description: 'The same, with the code' }),
    expires_in: z.int().meta({ description: 'Seconds' }),
    interval: z.int().meta({ description: 'Seconds from one question to the next, at least' }),
  })
  .meta({ id: 'DeviceLogin', description: 'RFC 8628 §3.2' })
const beginLogin: ZodOpenApiOperationObject = {
  operationId: 'beginDeviceLogin',
  tags: ['Login'],
  summary: 'Begin to let a terminal in by a browser (RFC 8628)',
  description:
    'For: anybody. A person opens the address that is answered, compares the code, shows an API key of theirs and approves; until then nothing is given out. So many may wait at once for each address, and in all: 429.',
  security: [],
  requestBody: formOrJson(
    z.object({
      client_name: z
        .string()
        .optional()
        .meta({ description: 'What the page calls the terminal; at most 80 characters', example: 'ada@laptop' }),
      key_lifetime: z
        .union([z.int().min(keyLives.least).max(keyLives.most), z.string()])
        .optional()
        .meta({
          description: `Seconds that the API key is to live, ${keyLives.least} to ${keyLives.most}, else ${keyLives.usual}; it ends no later than the key that is shown`,
          example: keyLives.usual,
        }),
    }),
  ),
  responses: {
    '200': answering('It waits to be approved', begun),
    ...refusing(loginRefusals, [400, 413, 415, 429, 503]),
  },
}

const collected = z
  .object({
    api_key: z.string().meta({ description: 'Shown this once' }),
    name: z.string().meta({ description: 'Of the key', example: 'cli-ada-laptop-7k2m9p' }),
    expires_at: z.string().nullable(),
    user: z.string().meta({ description: 'Who approved' }),
    org: z.string(),
  })
  .meta({ id: 'DeviceLoginKey' })
const collectKey: ZodOpenApiOperationObject = {
  operationId: 'collectDeviceLogin',
  tags: ['Login'],
  summary: 'Ask for the API key of an approved login; it is given once (RFC 8628 §3.4)',
  description:
    'For: whoever has the device code. Ask again after the interval on `authorization_pending`, after 5 seconds more from then on on `slow_down`; any other error is final.',
  security: [],
  requestBody: {
    required: true,
    ...formOrJson(
      z.object({
        device_code: z.string(),
        grant_type: z.string().optional().meta({ description: 'RFC 8628 has one; it is not looked at' }),
      }),
    ),
  },
  responses: {
    '200': answering('The key, and whose it is', collected),
    ...refusing(loginRefusals, [400, 413, 415, 429, 503]),
  },
}

export const loginApiPaths = { [loginPaths.start]: { post: beginLogin }, [loginPaths.collect]: { post: collectKey } }
