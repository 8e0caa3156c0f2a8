/** Whose workload it is, where many tenants have one issuer; and names that can be given again, where ids cannot. */
import type { Finding } from '../finding.ts'
import { immutableIds, isPinned, isTenantFixed, type Reading } from './reading.ts'
import { asking, equal, listed, quoted, say } from './say.ts'

export function sharedIssuerFindings(reading: Reading): Finding[] {
  return [
    ...noTenant(reading),
    ...mutableName(reading),
    ...gitlabPath(reading),
    ...terraformName(reading),
    ...fly(reading),
  ]
}

function noTenant(reading: Reading): Finding[] {
  const { preset, issuer } = reading
  if (!preset || !issuer.shared || preset.requiredPins.length === 0 || isTenantFixed(reading)) return []
  if (preset.requiredPins.some((set) => set.every((claim) => isPinned(reading, claim)))) return []
  const [first = []] = preset.requiredPins
  const ids = immutableIds(reading)
  return [
    say(
      'LR16',
      'error',
      `every tenant of ${preset.title} has the issuer ${quoted(issuer.url)}, and no immutable id (${listed(ids.length > 0 ? ids : first)}) says which one is meant`,
      asking(reading.policy, ...first.map((claim) => equal(reading, claim))),
    ),
  ]
}

function mutableName(reading: Reading): Finding[] {
  const { preset, account, pins } = reading
  if (preset?.name !== 'github' || pins.has('repository_id')) return []
  const named = pins.get('repository') ?? pins.get('repository_owner')
  if (!named) return []
  return [
    say(
      'LR06',
      account.admin ? 'error' : 'warn',
      `${quoted(String(named[0]))} is a name: whoever takes it after a renaming or deletion gets in, since repository_id is not asked for`,
      asking(reading.policy, equal(reading, 'repository_id')),
    ),
  ]
}

function gitlabPath(reading: Reading): Finding[] {
  const { preset, pins } = reading
  if (preset?.name !== 'gitlab' || pins.has('project_id')) return []
  const path = pins.get('project_path') ?? pins.get('namespace_path') ?? [reading.policy.subject]
  return [
    say(
      'LR17',
      'warn',
      `${quoted(String(path[0]))} is a path: a group or project that takes it later gets in, since project_id is not asked for`,
      asking(reading.policy, equal(reading, 'project_id')),
    ),
  ]
}

function terraformName(reading: Reading): Finding[] {
  if (reading.preset?.name !== 'hcp-terraform') return []
  const isByName = !isPinned(reading, 'terraform_workspace_id', 'terraform_project_id')
  if (!isByName && isPinned(reading, 'terraform_organization_id', 'terraform_workspace_id')) return []
  return [
    say(
      'LR21',
      'warn',
      `the subject ${quoted(reading.policy.subject)} goes by names, which can be given again: neither terraform_organization_id nor terraform_workspace_id is asked for`,
      asking(reading.policy, equal(reading, 'terraform_organization_id'), equal(reading, 'terraform_workspace_id')),
    ),
  ]
}

function fly(reading: Reading): Finding[] {
  if (reading.preset?.name !== 'fly' || isPinned(reading, 'org_id', 'app_id')) return []
  return [
    say(
      'LR44',
      'warn',
      `the subject ${quoted(reading.policy.subject)} goes by the names of organization and app, which can be given again`,
      asking(reading.policy, equal(reading, 'org_id'), equal(reading, 'app_id')),
    ),
  ]
}
