/** A compose file, held to the schema of the Compose Specification. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'

const schema = JSON.parse(readFileSync(join(import.meta.dirname, 'compose-spec.json'), 'utf8'))
const validate = new Ajv({ strict: false, allErrors: true }).compile(schema)

/** What is wrong with it: nothing, when it is empty. */
export const composeComplaints = (file: unknown): string[] =>
  validate(file) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
