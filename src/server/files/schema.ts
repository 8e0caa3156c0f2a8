/** The same as the document's schema, for editors: JSON Schema 2020-12. Served, and shipped as config/organization.schema.json. */
import { z } from 'zod'
import { organizationDocument } from './document.ts'

export const organizationSchema = (): object =>
  z.toJSONSchema(organizationDocument, { io: 'input', target: 'draft-2020-12' })
