import { z } from 'zod'
import { presetNames } from '../../../trust/preset.ts'
import { newTrustPolicy } from './accounts.ts'
import { findings, text } from './parts.ts'

/** A policy to try, and where it would stand. */
export const lintBody = newTrustPolicy.omit({ name: true, override_reason: true }).extend({
  issuer: text(2048).meta({ description: 'A registered one by its name or id, or the URL of any' }),
  preset: z.enum(presetNames).optional().meta({ description: 'By itself that of the issuer' }),
  service_account: text(200).optional().meta({
    description: 'An External account of a team of yours, by its id or team/name; by itself one that may write',
  }),
  policy: text(128).optional().meta({
    description: 'With service_account: that one of its policies which this would take the place of, by name or id',
  }),
})
export const lintAnswer = z.object({ findings })
