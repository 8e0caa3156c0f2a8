/** What is known of identity providers. */
import { z } from 'zod'
import { isId, slugForm } from '../../../../protocol/ids.ts'
import { matchKinds, operators } from '../../../trust/policy.ts'
import { controls, presetNames } from '../../../trust/preset.ts'
import { listQuery } from './parts.ts'

const scalarOrList = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])
const conditions = z.array(z.object({ claim: z.string(), op: z.enum(operators), value: scalarOrList }))
const claim = z.object({
  claim: z.string(),
  control: z.enum(controls).meta({
    description:
      'Who decides what it says: nobody after the fact, somebody who renames, or whoever opens a pull request',
  }),
  kind: z.enum(['string', 'number', 'boolean', 'list']),
  pins: z.enum(['tenant', 'resource']).optional(),
  is: z.string(),
  example: scalarOrList,
  ask: z.string().optional().meta({ description: 'Of one that not every token has: how to come to have it' }),
})
const issuer = z.object({
  url: z.string().meta({ description: 'With {placeholders}' }),
  is: z.string(),
  shared: z.boolean().meta({ description: 'Many tenants bear this very URL: a policy has to pin its own' }),
  recognized: z.boolean().meta({ description: 'False: the URL does not tell, so the preset has to be named' }),
})
export const preset = z
  .object({
    name: z.enum(presetNames),
    title: z.string(),
    issuers: z.array(issuer),
    audience: z.object({ advice: z.string(), defaults: z.array(z.string()) }),
    claims: z.array(claim),
    required_pins: z
      .array(z.array(z.string()))
      .meta({ description: 'Of a shared issuer: claims of which one of these sets has to be pinned whole' }),
    subject: z.object({
      immutable: z.boolean(),
      forms: z.array(z.object({ form: z.string(), is: z.string(), pins: z.array(z.string()) })),
    }),
    max_token_age: z.int(),
    recommended: z.object({
      subject: z.string(),
      match: z.enum(matchKinds),
      conditions,
      when_present: conditions,
      why: z.string(),
    }),
    snippets: z.array(z.object({ title: z.string(), language: z.string(), text: z.string() })),
  })
  .meta({ id: 'Preset' })

/** It goes into text that is pasted into a shell, so it is nothing but a name. */
const accountName = (text: string) =>
  isId(text, 'sa') || (/^[^/]+\/[^/]+$/.test(text) && text.split('/').every((part) => slugForm.test(part)))
const account = z
  .string()
  .refine(accountName, 'must be an id or team/name')
  .optional()
  .meta({ description: 'Whom the snippets name: an id or `team/name`' })
export const presetQuery = z.strictObject({ service_account: account })
export const presetListQuery = listQuery.extend({ service_account: account })
