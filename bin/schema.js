// Writes what is shipped for editors: the JSON Schema of an organization's file.
import { writeFileSync } from 'node:fs'
import { organizationSchema } from '../src/server/files/schema.ts'

const path = new URL('../config/organization.schema.json', import.meta.url)
writeFileSync(path, `${JSON.stringify(organizationSchema(), null, 2)}\n`)
