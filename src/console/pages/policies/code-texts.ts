/** The same policy as a command and as a file. Pure. */

import { quoted, word } from '../../parts/quoted.ts'
import { yamlOf } from '../../parts/yaml.ts'
import type { Condition, Scalar } from '../../wire/shapes.ts'
import type { Members } from './draft.ts'

type Where = { organization: string; team: string; account: string }
type Kept = Required<Members> & { name: string; issuer: string; state: 'live' | 'draft' }

/** As `--condition` takes it; JSON where the words would not mean the same. */
export function conditionWords({ claim, op, value }: Condition): string {
  const json = JSON.stringify({ claim, op, value })
  if (!/^[^\s{]\S*$/.test(claim)) return json
  if (op === 'exists') return `${claim} exists${value === false ? ' false' : ''}`
  const values = [value].flat()
  if (!values.every((one) => isPlain(one, op === 'in')) || values.length === 0) return json
  return `${claim} ${op} ${values.map(said).join(',')}`
}

const said = (value: Scalar) => (typeof value === 'string' ? value : `json:${JSON.stringify(value)}`)
const isPlain = (value: Scalar, isListed: boolean) =>
  typeof value !== 'string' ||
  (value !== '' && !value.startsWith('json:') && !(isListed && (/[,[]/.test(value) || value.trim() !== value)))

/** `sa`: team/name. `at`: the name of the policy that is changed, if it is one. */
export function commandOf(policy: Kept, sa: string, at?: string): string {
  const { name, issuer, subject, match, conditions, cel, state } = policy
  const verb = at === undefined ? `create${name === '' ? '' : ` ${word(name)}`}` : `update ${word(at)}`
  const lines = [
    `countersign policy ${verb} --sa ${word(sa)}`,
    `--issuer ${word(issuer)}`,
    `--subject ${word(subject)}`,
    ...(match === 'glob' || at !== undefined ? [`--match ${match}`] : []),
    ...conditions.map((condition) => `--condition ${quoted(conditionWords(condition))}`),
    ...(conditions.length === 0 && at !== undefined ? ['--no-conditions'] : []),
    ...(cel === null ? (at === undefined ? [] : ["--cel ''"]) : [`--cel ${quoted(cel)}`]),
    ...(state === 'draft' ? ['--draft'] : at === undefined ? [] : ['--live']),
  ]
  return lines.join(' \\\n  ')
}

/** For `countersign apply`: its place in the organization's file. */
export function fileOf(policy: Kept, { organization, team, account }: Where): string {
  const { name, issuer, subject, match, conditions, cel, state } = policy
  const trusted = {
    state: state === 'draft' ? state : undefined,
    issuer,
    subject,
    match: match === 'glob' ? match : undefined,
    conditions: conditions.length > 0 ? conditions : undefined,
    cel: cel ?? undefined,
  }
  const trust_policies = { [name === '' ? 'main' : name]: trusted }
  const service_accounts = { [account]: { method: 'federated', trust_policies } }
  return yamlOf({ organization, teams: { [team]: { service_accounts } } })
}
