/** Organizations, users, teams and their members. */
import { z } from 'zod'
import { holdsSecret } from '../../../../protocol/secret-text.ts'
import { kept, managedBy, role, slug, text, time } from './parts.ts'

const email = z
  .email()
  .max(254)
  .refine((value) => !holdsSecret(value), 'must not have the form of an API key, which the audit trail would not keep')

export const organization = z.object({ ...kept, display_name: z.string().nullable() }).meta({ id: 'Organization' })
export const newOrganization = z.strictObject({
  name: slug,
  display_name: text(200).nullish(),
  first_admin: z.strictObject({ username: slug, email }).optional(),
})
export const createdOrganization = organization.extend({ api_key: z.string().optional() })
export const organizationPatch = z.strictObject({ display_name: text(200).nullable().optional() })

export const user = z
  .object({
    ...kept,
    username: z.string(),
    email: z.string(),
    role,
    teams: z
      .array(z.object({ id: z.string(), name: z.string(), role }))
      .optional()
      .meta({ description: 'In which teams they are, and as what; shown of one user alone' }),
  })
  .meta({ id: 'User' })
export const newUser = z.strictObject({ username: slug, email, role: role.default('member') })
export const userPatch = z.strictObject({
  username: slug.optional(),
  email: email.optional(),
  role: role.optional(),
})

export const team = z
  .object({ ...kept, display_name: z.string().nullable(), managed_by: managedBy })
  .meta({ id: 'Team' })
export const newTeam = z.strictObject({ name: slug, display_name: text(200).nullish() })
export const teamPatch = z.strictObject({ name: slug.optional(), display_name: text(200).nullable().optional() })

export const member = z
  .object({
    id: z.string(),
    name: z.string(),
    user: z.object({ id: z.string(), username: z.string(), email: z.string() }),
    role,
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'TeamMember' })
export const memberRole = z.strictObject({ role })
