import { z } from 'zod'
import { principalTypes, projectRoles, visibilities } from '../../../accounts/model.ts'
import { kept, managedBy, searchQuery, slug, time } from './parts.ts'

const visibility = z.enum(visibilities)
export const project = z
  .object({
    ...kept,
    team: z.string(),
    visibility,
    deleted_at: time.optional().meta({ description: 'Since when only the name is left of a restricted project' }),
    managed_by: managedBy,
  })
  .meta({ id: 'Project' })
export const newProject = z.strictObject({ name: slug, visibility })
export const projectPatch = z.strictObject({ name: slug, visibility }).partial()
export const projectQuery = searchQuery.extend({
  deleted: z.literal('true').optional().meta({ description: 'The kept names of restricted projects instead' }),
})
const projectRole = z.enum(projectRoles)
export const projectMember = z
  .object({
    id: z.string(),
    name: z.string(),
    principal: z.object({
      type: z.enum(principalTypes),
      id: z.string(),
      name: z.string(),
      email: z.string().optional(),
    }),
    role: projectRole,
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'ProjectMember' })
export const projectMemberRole = z.strictObject({ role: projectRole })
