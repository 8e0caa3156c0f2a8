/** docs/reference/claims.md, from config/presets: `node test/support/provider-page.ts > docs/reference/claims.md`. */
import { stringify } from 'yaml'
import { loadPresets } from '../../src/server/presets.ts'
import { filled } from '../../src/server/trust/filled.ts'
import type { Control, Preset, PresetClaim, PresetIssuer } from '../../src/server/trust/preset.ts'

/** The installation of the examples. */
const values = {
  url: 'https://id.example',
  token_endpoint: 'https://id.example/oauth/token',
  organization: 'acme',
  audience: 'https://id.example/orgs/acme',
  service_account: 'ml/trainer',
}
const controlWords: Record<Control, string> = {
  immutable: 'stays',
  mutable: 'can be renamed or set',
  attacker_influenced: '**by a change**',
}

const intro = `# Identity providers

What Countersign knows of the providers that workloads have tokens of. It is kept in \`config/presets/\`, one file each; this
page is made from there. \`GET /api/v1/orgs/{org}/presets\` answers with the same, with the snippets filled in for your
installation and organization.

An issuer whose URL is one of these gets its preset by itself. Where a URL does not tell (an instance of your own), name it:
\`"preset": "gitlab"\`. A preset sets how long the issuer's tokens may live (\`max_token_age\`), where you do not; it helps to
judge policies, and never grants anything.

**Who decides what a claim says** is what makes a policy safe. What *stays* is a number or id that is never given away. What
can be *renamed or set* by whoever owns it can come to mean somebody else: old names are free to take. What is decided *by a
change*, so by whoever may push a branch or open a pull request, says something only beside an id that stays.

**Shared** issuers sign for everybody on the platform, so a policy has to pin its own tenant; each provider says by which claims.
In a recommended policy, \`{braces}\` stand for what is yours, and \`*\` in a glob for any run of characters. Nearly all ids are
text, however much they look like numbers.
`

export function providerPage(): string {
  return `${[intro, ...loadPresets().all.map(sectionOf)].join('\n')}`
}

function sectionOf(preset: Preset): string {
  const { title, name, issuers, audience, claims, requiredPins, subject, maxTokenAge, recommended, snippets } = preset
  const { conditions, whenPresent, why, ...policy } = recommended
  const parts = [
    `## ${title}`,
    issuers.length === 0 ? '' : ['| issuer | |', '|---|---|', ...issuers.map(issuerRow)].join('\n'),
    `Preset \`${name}\`. Tokens live at most ${wordsFor(maxTokenAge)}, as far as the preset lets them.`,
    `**Audience.** ${audience.advice}${defaultsOf(audience.defaults)}`,
    `**Subject.**\n\n${subject.forms.map(({ form, is }) => `- \`${form}\`: ${is}`).join('\n')}`,
    ['| claim | says | decided | for example |', '|---|---|---|---|', ...claims.map(claimRow)].join('\n'),
    requiredPins.length === 0 ? '' : `**Has to be pinned:** ${requiredPins.map(setOf).join(', or ')}.`,
    `**Recommended.** ${why}`,
    fenced('yaml', policyOf({ ...policy, conditions })),
    whenPresent.length === 0
      ? ''
      : `Where the token has it, also: ${whenPresent.map(({ claim }) => `\`${claim}\``).join(', ')}.`,
    ...snippets.map(
      (snippet) => `${snippet.title}:\n\n${fenced(snippet.language, filled(snippet, values).text.trim())}`,
    ),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

const issuerRow = ({ url, is, shared, recognized }: PresetIssuer) =>
  `| \`${url}\` | ${is}${shared ? '; **shared**' : ''}${recognized || is.includes('name the preset') ? '' : '; name the preset'} |`

const claimRow = ({ claim, is, control, kind, example, ask }: PresetClaim) =>
  `| \`${claim}\` | ${is}${ask === undefined ? '' : `; ${ask}`} | ${controlWords[control]} | \`${JSON.stringify(example)}\`${kind === 'string' ? '' : ` (${kind})`} |`

const setOf = (set: readonly string[]) => set.map((claim) => `\`${claim}\``).join(' and ')

const defaultsOf = (defaults: readonly string[]) =>
  defaults.length === 0
    ? ''
    : ` Tokens for ${defaults.map((one) => `\`${one}\``).join(', ')} are shown to others too: accept none of them.`

/** A line for each condition. */
const policyOf = ({ subject, match, conditions }: Pick<Preset['recommended'], 'subject' | 'match' | 'conditions'>) =>
  [
    stringify({ subject, match }, { lineWidth: 0 }).trim(),
    ...(conditions.length === 0 ? [] : ['conditions:']),
    ...conditions.map((one) => `  - ${stringify(one, { lineWidth: 0, collectionStyle: 'flow' }).trim()}`),
  ].join('\n')

const fenced = (language: string, text: string) => `\`\`\`${language}\n${text}\n\`\`\``

function wordsFor(seconds: number): string {
  if (seconds % 3_600 !== 0) return `${seconds / 60} minutes`
  return seconds === 3_600 ? 'an hour' : `${seconds / 3_600} hours`
}

if (import.meta.main) process.stdout.write(providerPage())
