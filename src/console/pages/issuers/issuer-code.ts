import { word } from '../../parts/quoted.ts'
import { yamlOf } from '../../parts/yaml.ts'
import type { Body } from './issuer-draft.ts'

/** The same as the command line has it; undefined where it has no words for it. Uploaded keys are in a file. */
export function cliOf(verb: 'add' | 'update', target: string, body: Body): string | undefined {
  const options = Object.entries(body).map(([member, value]) => optionsOf(member, value))
  if (options.includes(undefined)) return undefined
  const shown = options.flatMap((some) => (some ?? []).map((option) => `  ${option}`))
  return [`countersign issuer ${verb} ${word(target)}`, ...shown].join(' \\\n')
}

const durations = new Set(['clock_tolerance', 'max_token_age', 'single_use_grace'])
const dashed = (member: string) => member.replaceAll('_', '-')

function optionsOf(member: string, value: Body[string] | undefined): string[] | undefined {
  if (member === 'issuer' || value === undefined) return []
  if (member === 'jwks' || member === 'jwks_uri') {
    if (value === null) return ['--discovery']
    return member === 'jwks' ? ['--jwks-file keys.json'] : [`--jwks-uri ${word(String(value))}`]
  }
  if (Array.isArray(value)) {
    const name = member === 'audiences' ? '--audience' : '--algorithm'
    return value.map((one) => `${name} ${word(String(one))}`)
  }
  if (value === null || (member === 'users' && value === false)) return undefined
  if (typeof value === 'boolean') return [value ? `--${dashed(member)}` : `--no-${dashed(member)}`]
  return [`--${dashed(member)} ${word(durations.has(member) ? `${value}s` : String(value))}`]
}

/** The same as a file of the organization has it. */
export function yamlOfIssuer(organization: string, { name, ...body }: Body): string {
  return yamlOf({ organization, issuers: { [String(name)]: body } })
}
