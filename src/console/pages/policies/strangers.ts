/** Whether jobs that strangers start get in: pull requests, forks, previews, plans. By platform, as its claims tell. Pure. */
import type { Draft } from './draft.ts'
import type { Pins, Point } from './strength.ts'

export function strangersOf(preset: string | undefined, draft: Draft, pins: Pins): Point[] {
  const judge = preset !== undefined && Object.hasOwn(judges, preset) ? judges[preset] : undefined
  return judge ? [judge(draft, pins)] : []
}

type Judge = (draft: Draft, pins: Pins) => Point

/** All that the claim may say, when the policy asks for it. */
const asked = (pins: Pins, claim: string): string[] | undefined => {
  const values = pins.get(claim)
  return values && values.length > 0 ? values.map(String) : undefined
}

const pullRequests = 'Pull requests and forks'

const github: Judge = ({ subject, match }, pins) => {
  const about = pullRequests
  const events = asked(pins, 'event_name')
  const theirs = events?.filter((event) => event.startsWith('pull_request'))
  if (theirs && theirs.length > 0) return { about, holds: 'no', says: `Let in: the event ${theirs.join(', ')}.` }
  if (events) return { about, holds: 'yes', says: `Kept out: only the event ${events.join(', ')}.` }
  if (match === 'exact' && subject.endsWith(':pull_request'))
    return { about, holds: 'no', says: 'Let in: the subject is that of pull requests.' }
  const isOfRef =
    /:ref:refs\/(?:heads|tags)\//.test(subject) || asked(pins, 'ref')?.every((ref) => /^refs\/(heads|tags)\//.test(ref))
  const isOfEnvironment = /:environment:[^*?]/.test(subject) || pins.has('environment')
  if (isOfRef)
    return {
      about,
      holds: 'partly',
      says: 'The branch or tag keeps pull_request out; pull_request_target, which strangers start, bears the branch’s name. Ask for event_name.',
    }
  if (isOfEnvironment)
    return {
      about,
      holds: 'partly',
      says: 'The environment’s protection rules keep them out, as far as it has some. Ask for event_name.',
    }
  return { about, holds: 'no', says: 'Nothing keeps them out. Ask for event_name.' }
}

const gitlab: Judge = (_, pins) => {
  const about = 'Forks and unprotected branches'
  const isOwn = pins.has('project_id')
  const isProtected = asked(pins, 'ref_protected')?.every((value) => value === 'true') ?? false
  if (isProtected && isOwn)
    return { about, holds: 'yes', says: 'Kept out: a fork has another project_id, and the ref has to be protected.' }
  if (isProtected)
    return { about, holds: 'partly', says: 'The ref has to be protected; a fork is told apart by its path alone.' }
  return isOwn
    ? {
        about,
        holds: 'partly',
        says: 'A fork has another project_id; whoever may push gets in. Ask for ref_protected.',
      }
    : { about, holds: 'no', says: 'Nothing keeps them out but names. Ask for project_id and ref_protected.' }
}

const circleci: Judge = (_, pins) => {
  const about = 'Forks'
  const origin = asked(pins, 'oidc.circleci.com/vcs-origin')
  return origin
    ? { about, holds: 'yes', says: `Kept out: the change has to come from ${origin.join(' or ')}.` }
    : { about, holds: 'no', says: 'A fork’s build has the same project. Ask for oidc.circleci.com/vcs-origin.' }
}

const vercel: Judge = ({ subject, match }, pins) => {
  const about = 'Previews of pull requests'
  const named =
    asked(pins, 'environment') ?? (match === 'exact' ? (/:environment:([^:]+)$/.exec(subject)?.slice(1) ?? []) : [])
  if (named.includes('preview')) return { about, holds: 'no', says: 'Let in: the environment preview.' }
  return named.length > 0
    ? { about, holds: 'yes', says: `Kept out: only the environment ${named.join(', ')}.` }
    : { about, holds: 'no', says: 'Any deployment gets in. Ask for environment.' }
}

const terraform: Judge = ({ subject }, pins) => {
  const about = 'Plans that nobody approved'
  const phases = asked(pins, 'terraform_run_phase') ?? /:run_phase:([a-z]+)$/.exec(subject)?.slice(1) ?? []
  return phases.length > 0 && phases.every((phase) => phase === 'apply')
    ? { about, holds: 'yes', says: 'Kept out: only the apply phase.' }
    : { about, holds: 'no', says: 'A plan runs before anybody has approved it. Ask for terraform_run_phase apply.' }
}

const byBranch =
  (claim: string, otherwise: string): Judge =>
  (_, pins) => {
    const about = 'Other branches'
    const branches = asked(pins, claim)
    return branches
      ? { about, holds: 'yes', says: `Kept out: only ${branches.join(', ')}. ${otherwise}` }
      : { about, holds: 'no', says: `Any branch gets in. Ask for ${claim}. ${otherwise}` }
  }

const judges: Readonly<Record<string, Judge>> = {
  github,
  gitlab,
  circleci,
  vercel,
  'hcp-terraform': terraform,
  buildkite: byBranch('build_branch', 'Whether forks are built is a setting of the pipeline.'),
  bitbucket: byBranch('branchName', ''),
}
