/** Those that say who the job is: what a trust policy may be made of. */
const shown = [
  'iss',
  'aud',
  'sub',
  'repository',
  'repository_id',
  'repository_owner',
  'repository_owner_id',
  'repository_visibility',
  'ref',
  'ref_type',
  'ref_protected',
  'base_ref',
  'head_ref',
  'environment',
  'event_name',
  'workflow_ref',
  'job_workflow_ref',
  'runner_environment',
  'actor',
  'run_id',
  'run_attempt',
]

/** One each; what is not in the token is left out, and so is what says nothing to a person. */
export function claimLines(claims: Readonly<Record<string, unknown>>): string[] {
  const named = shown.filter((name) => claims[name] !== undefined && claims[name] !== '')
  const { exp } = claims
  return [
    ...named.map((name) => `${name}: ${textOf(claims[name])}`),
    ...(typeof exp === 'number' ? [`exp: ${dateOf(exp)}`] : []),
  ]
}

/** A date is one up to the year 275760. */
const dateOf = (seconds: number) =>
  Math.abs(seconds) <= 8_640_000_000_000 ? new Date(seconds * 1000).toISOString() : String(seconds)
const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
