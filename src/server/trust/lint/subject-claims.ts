/** What the certain parts of a subject say of the token’s claims: a subject that carries an id pins it. */
import type { Scalar, WrittenPolicy } from '../policy.ts'
import type { Preset } from '../preset.ts'
import type { ReadSubject } from './subject-forms.ts'

type Pins = Map<string, readonly Scalar[]>

export function subjectClaims(
  policy: Pick<WrittenPolicy, 'subject' | 'match'>,
  preset: Preset | undefined,
  subject: ReadSubject | undefined,
): Pins {
  const pins: Pins = new Map()
  if (!preset) return pins
  if (!subject) return fromTemplate(policy, preset)
  const known = new Set(preset.claims.map(({ claim }) => claim))
  for (const [part, text] of subject.sure) if (known.has(part)) pins.set(part, [text])
  const pin = (claim: string, text: string | undefined) => void (text !== undefined && pins.set(claim, [text]))
  const sure = (part: string) => subject.sure.get(part)
  const both = (first: string, second: string) =>
    sure(second) === undefined ? undefined : `${sure(first)}/${sure(second)}`
  switch (preset.name) {
    case 'github':
      pin('repository_owner_id', sure('repository_owner_id'))
      pin('repository_id', sure('repository_id'))
      pin('repository_owner', sure('owner'))
      pin('repository', both('owner', 'repo'))
      for (const [claim, text] of contextOf(sure('context'))) pin(claim, text)
      return pins
    case 'gitlab':
      pin('project_path', both('namespace', 'project'))
      pin('ref_type', sure('ref_type'))
      pin('ref', sure('ref'))
      return pins
    case 'hcp-terraform':
      pin('terraform_organization_name', sure('organization'))
      pin('terraform_workspace_name', sure('workspace'))
      pin('terraform_run_phase', sure('terraform_run_phase'))
      return pins
    case 'buildkite':
      pin('organization_slug', sure('organization_slug'))
      pin('pipeline_slug', sure('pipeline_slug'))
      pin('build_branch', sure('ref')?.replace(/^refs\/heads\//, ''))
      return pins
    default:
      for (const part of subject.sure.keys()) pin(part, sure(part))
      return pins
  }
}

/** Of GitHub: what follows the repository. */
function contextOf(context: string | undefined): [claim: string, text: string][] {
  if (context === 'pull_request') return [['event_name', context]]
  const [, claim, text] = /^(ref|environment):(.+)$/s.exec(context ?? '') ?? []
  return claim && text ? [[claim, decoded(text)]] : []
}

/** GitHub writes a colon in a value as %3A. */
const decoded = (text: string) => text.replace(/%3A/gi, ':')

/** A subject by a template of the organization’s own: `claim:value:claim:value`. The value before a wildcard is not certain. */
function fromTemplate({ subject, match }: Pick<WrittenPolicy, 'subject' | 'match'>, { name, claims }: Preset): Pins {
  const pins: Pins = new Map()
  if (name !== 'github' && name !== 'gitlab') return pins
  const known = new Set(claims.map(({ claim }) => claim))
  const words = subject.split(':')
  for (let i = 0; i + 1 < words.length; i += 2) {
    const [claim = '', value = ''] = [words[i] === 'repo' ? 'repository' : words[i], words[i + 1]]
    if (match === 'glob' && /[*?]/.test(claim + value)) break
    if (!known.has(claim) || value === '') break
    pins.set(claim, [decoded(value)])
  }
  return pins
}
