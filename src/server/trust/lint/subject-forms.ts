/**
 * What a subject names, part by part, in the form of its provider. A pattern is read as far as its text is certain:
 * what stands before the first wildcard is what every subject that fits begins with; what stands behind one is not sure.
 */

/** `{part}`: without `:` and `/`; `{part+}`: without `:`; `{part*}`: any text. */
export type Shape = {
  forms: readonly string[]
  tenant?: string
  resource?: readonly string[]
  /** All that is below the tenant, where no part of it is a resource by itself. */
  rest?: string
}

export const shapes: Readonly<Record<string, Shape>> = {
  github: {
    forms: ['repo:{owner}@{repository_owner_id}/{repo}@{repository_id}:{context*}', 'repo:{owner}/{repo}:{context*}'],
    tenant: 'owner',
    resource: ['repo'],
  },
  gitlab: {
    forms: ['project_path:{namespace}/{project+}:ref_type:{ref_type}:ref:{ref+}'],
    tenant: 'namespace',
    resource: ['project'],
  },
  circleci: {
    forms: ['org/{org}/project/{oidc.circleci.com/project-id}/user/{user*}'],
    tenant: 'org',
    resource: ['oidc.circleci.com/project-id'],
  },
  buildkite: {
    forms: ['organization:{organization_slug}:pipeline:{pipeline_slug}:ref:{ref+}:commit:{commit}:step:{step*}'],
    tenant: 'organization_slug',
    resource: ['pipeline_slug'],
  },
  bitbucket: {
    forms: ['{repositoryUuid}:{run*}'],
    resource: ['repositoryUuid'],
  },
  'hcp-terraform': {
    forms: ['organization:{organization}:project:{project}:workspace:{workspace}:run_phase:{terraform_run_phase}'],
    tenant: 'organization',
    resource: ['project', 'workspace'],
  },
  vercel: {
    forms: ['owner:{owner}:project:{project}:environment:{environment}'],
    tenant: 'owner',
    resource: ['project'],
  },
  fly: {
    forms: ['{org}:{app}:{machine*}'],
    tenant: 'org',
    resource: ['app'],
  },
  kubernetes: {
    forms: ['system:serviceaccount:{namespace}:{serviceaccount}'],
  },
  aws: {
    forms: ['arn:{partition}:{service}::{account}:{principal*}'],
    tenant: 'account',
  },
  spiffe: { forms: ['spiffe://{trust_domain}/{path+}'], tenant: 'trust_domain', rest: 'path' },
}

export type ReadSubject = {
  form: string
  /** As written, wildcards included. */
  written: ReadonlyMap<string, string>
  /** Parts that every fitting subject has with this very text. */
  sure: ReadonlyMap<string, string>
  /** Parts of the form that a wildcard leaves open. */
  open: ReadonlySet<string>
}

export const isWild = (text: string) => /[*?]/.test(text)

/** The subject in the form that it fits to its end, or else in the first that it begins like; undefined when in none. */
export function readSubject(text: string, isGlob: boolean, forms: readonly string[]): ReadSubject | undefined {
  const read = forms.flatMap((form) => readAs(text, isGlob, form) ?? [])
  return (read.find(({ complete }) => complete) ?? read[0])?.subject
}

function readAs(text: string, isGlob: boolean, form: string): { subject: ReadSubject; complete: boolean } | undefined {
  const tokens = form.split(/(\{[^}]+\})/).filter((token) => token !== '')
  const written = new Map<string, string>()
  const parts = tokens.filter(isPart).map(nameOf)
  const isOpen = (part: string) => isGlob && isWild(written.get(part) ?? '')
  let at = 0
  let part = ''
  const ended = (complete: boolean) => {
    const open = parts.filter((one) => !written.has(one) || isOpen(one))
    const certain = open[0] === undefined ? parts : parts.slice(0, parts.indexOf(open[0]))
    const sure = new Map(certain.map((one) => [one, written.get(one) ?? '']))
    return { subject: { form, written, sure, open: new Set(open) }, complete }
  }
  for (const [i, token] of tokens.entries()) {
    if (isPart(token)) {
      part = nameOf(token)
      const end = endOf(text, at, token, tokens[i + 1])
      if (end === at) return undefined
      written.set(part, text.slice(at, end))
      at = end
    } else {
      const given = text.slice(at, at + token.length)
      at += token.length
      if (given === token) continue
      // A wildcard may stand for the rest of this separator, and for whatever follows it.
      const wild = isGlob ? given.search(/[*?]/) : -1
      const isCovered = wild !== -1 && given.slice(0, wild) === token.slice(0, wild)
      return isCovered || isOpen(part) ? ended(false) : undefined
    }
  }
  return at === text.length || isOpen(part) ? ended(at === text.length) : undefined
}

/** Where a part ends: at what follows it in the form, or at a character that it cannot have. */
function endOf(text: string, from: number, token: string, next = ''): number {
  const found = isAny(token)
    ? next === ''
      ? -1
      : text.indexOf(next, from)
    : [...text].findIndex((one, i) => i >= from && (one === next[0] || one === ':' || (one === '/' && !isPath(token))))
  return found === -1 ? text.length : found
}

const isPart = (token: string) => token.startsWith('{')
const isPath = (token: string) => token.endsWith('+}')
const isAny = (token: string) => token.endsWith('*}')
const nameOf = (token: string) => token.slice(1, isPath(token) || isAny(token) ? -2 : -1)
