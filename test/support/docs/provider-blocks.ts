/**
 * The parts of docs/how-to/providers that are made from config/presets and test/vectors/presets.json: between
 * `<!-- made: NAME -->` and `<!-- end -->`. What stands around them is written by hand.
 */
import { loadPresets } from '../../../src/server/presets.ts'
import { filled } from '../../../src/server/trust/filled.ts'
import type { Condition } from '../../../src/server/trust/policy.ts'
import type { Preset, PresetName } from '../../../src/server/trust/preset.ts'
import vectors from '../../vectors/presets.json' with { type: 'json' }

/** The installation of the examples. */
export const example = {
  url: 'https://id.example',
  token_endpoint: 'https://id.example/oauth/token',
  organization: 'acme',
  audience: 'https://id.example/orgs/acme',
  service_account: 'ml/trainer',
}

export type Case = {
  preset: PresetName
  title: string
  issuer: string
  named?: boolean
  lifetime: number
  claims: Record<string, unknown>
  policy: { subject: string; match: 'exact' | 'glob'; conditions: readonly Condition[] }
}
/** The token that a page speaks of, where it is not the first of its provider. */
const chosen: Partial<Record<PresetName, string>> = { github: 'a subject with ids', kubernetes: 'Amazon EKS' }

/** What the provider's tokens say, in the page's example. */
export function caseOf(name: PresetName): Case {
  const cases = (vectors.cases as unknown as Case[]).filter(({ preset }) => preset === name)
  return cases.find(({ title }) => title === chosen[name]) ?? (cases[0] as Case)
}

export function refreshed(page: string, blocks: Readonly<Record<string, string>>): string {
  return page.replace(/(<!-- made: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g, (_, open, name, close) => {
    if (blocks[name] === undefined) throw new Error(`nothing is made of the name ${name}`)
    return `${open}\n${blocks[name]}\n\n${close}`
  })
}

/** Without a preset there is less to make. */
export function blocksOf(name: string): Record<string, string> {
  const preset = loadPresets().all.find((one) => one.name === name)
  if (!preset) return { client: clientBlock }
  return { policy: policyBlock(preset), client: clientBlock, curl: curlBlock(preset) }
}

function policyBlock({ name, requiredPins, recommended, title }: Preset): string {
  const { policy } = caseOf(name)
  const lines = [
    `countersign sa create ml/trainer --issuer ${name}`,
    `  --subject ${quoted(policy.subject)}${policy.match === 'glob' ? ' --match glob' : ''}`,
    ...policy.conditions.map((one) => `  --condition ${quoted(conditionText(one))}`),
  ]
  const pins = requiredPins.map((set) => set.map((claim) => `\`${claim}\``).join(' and ')).join(', or ')
  const more = recommended.whenPresent.map(({ claim }) => `\`${claim}\``).join(', ')
  const anchor = title.toLowerCase().replaceAll('.', '').replaceAll(' ', '-')
  return [
    fenced('sh', lines.join(' \\\n')),
    `Why so: ${lowered(recommended.why)}${pins === '' ? '' : ` Whatever else it asks for, it has to pin ${pins}.`}${more === '' ? '' : ` Where the token has it, pin also ${more}.`}`,
    `Issuers, subjects, and who decides what each claim says: [${title}](../../reference/claims.md#${anchor}).`,
  ].join('\n\n')
}

const clientBlock = fenced(
  'js',
  `import { createTokenProvider } from '@countersign/client'

const provider = createTokenProvider({ url: '${example.audience}' })
const answer = await provider.fetch('${example.url}/api/v1/orgs/acme/teams/ml/projects')`,
)

const curlBlock = ({ snippets }: Preset) =>
  snippets
    .map((snippet) => `${snippet.title}:\n\n${fenced(snippet.language, filled(snippet, example).text.trim())}`)
    .join('\n\n')

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``
}

function conditionText(one: Condition): string {
  if (one.op === 'in') return `${one.claim} in ${one.value.join(',')}`
  if (one.op === 'exists') return `${one.claim} exists`
  return `${one.claim} ${one.op} ${typeof one.value === 'string' ? one.value : `json:${JSON.stringify(one.value)}`}`
}

/** One word of sh. */
const quoted = (text: string) => `'${text}'`
const lowered = (text: string) => `${text.charAt(0).toLowerCase()}${text.slice(1)}`
