/** The same policy as a command and as a file. Pure. */
import type { Condition, Scalar } from '../../wire/shapes.ts'
import type { Members } from './draft.ts'

type Kept = Required<Members> & { name: string; issuer: string; state: 'live' | 'draft' }

const quoted = (text: string): string => (/^[\w./:@=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)

/** As `--condition` takes it; JSON where the words would not mean the same. */
export function conditionWords({ claim, op, value }: Condition): string {
  const json = JSON.stringify({ claim, op, value })
  if (!/^[^\s{]\S*$/.test(claim)) return json
  if (op === 'exists') return `${claim} exists${value === false ? ' false' : ''}`
  const values = [value].flat()
  if (!values.every((one) => isPlain(one, op === 'in')) || values.length === 0) return json
  return `${claim} ${op} ${values.map(word).join(',')}`
}

const word = (value: Scalar) => (typeof value === 'string' ? value : `json:${JSON.stringify(value)}`)
const isPlain = (value: Scalar, isListed: boolean) =>
  typeof value !== 'string' ||
  (value !== '' && !value.startsWith('json:') && !(isListed && (/[,[]/.test(value) || value.trim() !== value)))

/** `sa`: team/name. `at`: the name of the policy that is changed, if it is one. */
export function commandOf(policy: Kept, sa: string, at?: string): string {
  const { name, issuer, subject, match, conditions, cel, state } = policy
  const verb = at === undefined ? `create${name === '' ? '' : ` ${quoted(name)}`}` : `update ${quoted(at)}`
  const lines = [
    `countersign policy ${verb} --sa ${quoted(sa)}`,
    `--issuer ${quoted(issuer)}`,
    `--subject ${quoted(subject)}`,
    ...(match === 'glob' || at !== undefined ? [`--match ${match}`] : []),
    ...conditions.map((condition) => `--condition ${quoted(conditionWords(condition))}`),
    ...(conditions.length === 0 && at !== undefined ? ['--no-conditions'] : []),
    ...(cel === null ? (at === undefined ? [] : ["--cel ''"]) : [`--cel ${quoted(cel)}`]),
    ...(state === 'draft' ? ['--draft'] : at === undefined ? [] : ['--live']),
  ]
  return lines.join(' \\\n  ')
}

/** For `countersign apply`: its place in the organization's file. Every text is in quotes, as JSON has them, which YAML reads too. */
export function fileOf(policy: Kept, organization: string, team: string, account: string): string {
  const { name, issuer, subject, match, conditions, cel, state } = policy
  const text = (value: unknown) => JSON.stringify(value)
  const tests = conditions.map(
    ({ claim, op, value }) =>
      `              - { claim: ${text(claim)}, op: ${op}, value: ${Array.isArray(value) ? `[${value.map(text).join(', ')}]` : text(value)} }`,
  )
  return [
    `organization: ${organization}`,
    'teams:',
    `  ${key(team)}:`,
    '    service_accounts:',
    `      ${key(account)}:`,
    '        method: federated',
    '        trust_policies:',
    `          ${key(name === '' ? 'main' : name)}:`,
    ...(state === 'draft' ? ['            state: draft'] : []),
    `            issuer: ${text(issuer)}`,
    `            subject: ${text(subject)}`,
    ...(match === 'glob' ? ['            match: glob'] : []),
    ...(tests.length > 0 ? ['            conditions:', ...tests] : []),
    ...(cel === null ? [] : [`            cel: ${text(cel)}`]),
  ].join('\n')
}

/** A slug that YAML could take for a number or a word of its own is in quotes. */
const key = (slug: string) =>
  /^[a-z][a-z-]*$/.test(slug) && !/^(?:y|n|yes|no|on|off|true|false|null)$/.test(slug) ? slug : `"${slug}"`
