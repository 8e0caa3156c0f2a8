/** docs/reference/claims.md, from config/presets: `npm run docs`. */
import { loadPresets } from '../../../src/server/presets.ts'
import type { Control, Preset, PresetClaim, PresetIssuer } from '../../../src/server/trust/preset.ts'

const controlWords: Record<Control, string> = {
  immutable: 'immutable',
  mutable: 'mutable',
  attacker_influenced: '**attacker-influenced**',
}

const intro = `# Claims of identity providers

What Countersign knows of the providers that workloads have tokens of. It is kept in \`config/presets/\`, one file each; this
page is made from there (\`npm run docs\`). \`GET /api/v1/orgs/{org}/presets\` answers with the same, with the snippets filled in for
your installation and organization. How a job of each gets a token is on [its own page](../README.md#a-page-for-each-platform).

An issuer whose URL is one of these gets its preset by itself. Where a URL does not tell (an instance of your own), name it:
\`"preset": "gitlab"\`. A preset sets how long the issuer's tokens may live (\`max_token_age\`), where you do not; it helps to
judge policies, and never grants anything.

**Who decides what a claim says** is what makes a policy safe:

- *immutable*: a number or id that is never given away. Pin the tenant's and the resource's.
- *mutable*: whoever owns it renames or sets it, and it can come to mean somebody else: old names are free to take.
- *attacker-influenced*: whoever may push a branch or open a pull request decides it. It says something only beside an id that
  stays.

**Shared** issuers sign for everybody on the platform, so a policy has to pin its own tenant; each provider says by which claims.
\`{Braces}\` stand for what is yours. Nearly all ids are text, however much they look like numbers.
`

export function claimsPage(): string {
  return `${[intro, ...loadPresets().all.map(sectionOf)].join('\n')}`
}

function sectionOf(preset: Preset): string {
  const { title, name, issuers, audience, claims, requiredPins, subject, maxTokenAge } = preset
  const parts = [
    `## ${title}`,
    issuers.length === 0 ? '' : ['| issuer | |', '|---|---|', ...issuers.map(issuerRow)].join('\n'),
    `Preset \`${name}\`. Tokens live at most ${wordsFor(maxTokenAge)}, as far as the preset lets them.`,
    `**Audience.** ${audience.advice}${defaultsOf(audience.defaults)}`,
    `**Subject.**\n\n${subject.forms.map(({ form, is }) => `- \`${form}\`: ${is}`).join('\n')}`,
    ['| claim | says | control | for example |', '|---|---|---|---|', ...claims.map(claimRow)].join('\n'),
    requiredPins.length === 0 ? '' : `**Has to be pinned:** ${requiredPins.map(setOf).join(', or ')}.`,
    `The policy, and the job: [${title}](../how-to/providers/${name}.md).`,
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

function wordsFor(seconds: number): string {
  if (seconds % 3_600 !== 0) return `${seconds / 60} minutes`
  return seconds === 3_600 ? 'an hour' : `${seconds / 3_600} hours`
}
