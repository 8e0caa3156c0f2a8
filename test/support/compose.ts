/** A compose file, held to the schema of the Compose Specification. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'

const schema = JSON.parse(readFileSync(join(import.meta.dirname, 'compose-spec.json'), 'utf8'))
const duration = /^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/
const validate = new Ajv({ strict: false, allErrors: true, formats: { duration, subnet_ip_address: true } }).compile(
  schema,
)

/** What is wrong with it: nothing, when it is empty. */
export const composeComplaints = (file: unknown): string[] =>
  validate(file)
    ? []
    : (validate.errors ?? []).map(
        ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
      )
