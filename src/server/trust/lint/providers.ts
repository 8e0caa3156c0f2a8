/** What is particular to one of the other providers. */
import type { Finding } from '../finding.ts'
import type { PresetName } from '../preset.ts'
import { isWebClient } from './audience.ts'
import { entraTenant } from './issuer-url.ts'
import { admits, asksOf, isPinned, type Reading } from './reading.ts'
import { asking, equal, exactly, quoted, say, unlessReadOnly } from './say.ts'
import { narrower } from './subject.ts'

const byPreset: Partial<Record<PresetName, (reading: Reading) => Finding[]>> = {
  'hcp-terraform': terraform,
  circleci: circle,
  buildkite: buildkite,
  gcp: google,
  entra: entra,
  aws: aws,
  vercel: vercel,
  bitbucket: bitbucket,
}

export const providerFindings = (reading: Reading): Finding[] =>
  (reading.preset && byPreset[reading.preset.name]?.(reading)) ?? []

function terraform(reading: Reading): Finding[] {
  const phases = reading.pins.get('terraform_run_phase')
  const isOpen = !phases || (phases.includes('plan') && phases.includes('apply'))
  if (!isOpen) return []
  const { subject } = reading.policy
  return [
    say(
      'LR20',
      unlessReadOnly(reading),
      `the subject ${quoted(subject)} lets in plans, which run before anybody has approved them, as well as applies`,
      asking(reading.policy, equal(reading, 'terraform_run_phase', 'apply')),
    ),
  ]
}

function circle(reading: Reading): Finding[] {
  const [project, origin] = ['oidc.circleci.com/project-id', 'oidc.circleci.com/vcs-origin']
  if (isPinned(reading, origin)) return []
  const hasProject = isPinned(reading, project)
  return [
    say(
      'LR22',
      hasProject ? 'warn' : 'error',
      hasProject
        ? `${origin} is not asked for, so builds of forks get in where the project builds them`
        : `neither ${project} nor ${origin} is asked for, so every project of the organization, and forks, get in`,
      asking(reading.policy, ...(hasProject ? [] : [equal(reading, project)]), equal(reading, origin)),
    ),
  ]
}

function buildkite(reading: Reading): Finding[] {
  const { subject, isPattern, policy } = reading
  if (!isPattern && subject?.sure.has('commit'))
    return [
      say('LR33', 'info', `the subject ${quoted(policy.subject)} fits one step of one commit and nothing after it`, {
        subject: policy.subject.replace(/:commit:.*$/s, ':*'),
        match: 'glob',
      }),
    ]
  const isOpen = subject?.open.has('ref') && !subject.open.has('pipeline_slug')
  if (!isOpen || isPinned(reading, 'build_branch', 'build_tag')) return []
  return [
    say(
      'LR04',
      'warn',
      `the subject ${quoted(policy.subject)} lets in builds of any branch`,
      asking(policy, equal(reading, 'build_branch', 'main')),
    ),
  ]
}

function google(reading: Reading): Finding[] {
  const found: Finding[] = []
  const [email] = asksOf(reading, 'email')
  if (email && !isPinned(reading, 'sub'))
    found.push(
      say(
        'LR25',
        'warn',
        `the email ${quoted(String(email.values[0] ?? ''))} can be given again after its account is deleted; the number in sub cannot`,
        exactly('<unique id of the service account>'),
      ),
    )
  const client = reading.issuer.audiences.find(isWebClient)
  if (client !== undefined)
    found.push(
      say(
        'LR26',
        'error',
        `the issuer takes tokens for the web client ${quoted(client)}, which people get by signing in`,
        { issuer: '<an issuer whose audience is not a web client>' },
      ),
    )
  return found
}

function entra(reading: Reading): Finding[] {
  if (entraTenant(reading.issuer.url) || isPinned(reading, 'tid')) return []
  return [
    say(
      'LR27',
      'error',
      `the issuer ${quoted(reading.issuer.url)} names no tenant, and the policy does not ask for tid`,
      asking(reading.policy, equal(reading, 'tid')),
    ),
  ]
}

function aws(reading: Reading): Finding[] {
  const { subject, isPattern, policy } = reading
  if (!isPattern || !subject || subject.open.has('account') || !subject.open.has('principal')) return []
  return [
    say(
      'LR28',
      'warn',
      `the subject ${quoted(policy.subject)} lets in more than one principal of the account, those made later included`,
      narrower(reading),
    ),
  ]
}

function vercel(reading: Reading): Finding[] {
  if (isPinned(reading, 'environment') && !admits(reading, 'environment', 'preview')) return []
  return [
    say(
      'LR45',
      unlessReadOnly(reading),
      `the subject ${quoted(reading.policy.subject)} lets in preview deployments, which every pull request makes`,
      asking(reading.policy, equal(reading, 'environment', 'production')),
    ),
  ]
}

function bitbucket(reading: Reading): Finding[] {
  const { subject, policy, isPattern } = reading
  const found: Finding[] = []
  const [step] = asksOf(reading, 'stepUuid', 'pipelineUuid')
  if ((!isPattern && subject?.sure.has('run')) || step)
    found.push(
      say(
        'LR46',
        'warn',
        `${quoted(step ? String(step.values[0]) : policy.subject)} names one run of a pipeline, which never comes again`,
        { subject: `${subject?.sure.get('repositoryUuid') ?? '<repositoryUuid>'}:*`, match: 'glob' },
      ),
    )
  if (!isPinned(reading, 'repositoryUuid') && isPinned(reading, 'workspaceUuid'))
    found.push(
      say(
        'LR46',
        'warn',
        'the policy names a workspace alone, so every repository in it gets in, those made later included',
        asking(policy, equal(reading, 'repositoryUuid')),
      ),
    )
  return found
}
