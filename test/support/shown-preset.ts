/** Presets as the API shows them, and what lint says of a policy at an issuer: for what is pure in the console. */
import type { Condition, Finding, PolicyFields, Preset } from '../../src/console/wire/shapes.ts'
import { loadPresets } from '../../src/server/presets.ts'
import { lintPolicy } from '../../src/server/trust/lint/lint.ts'
import type { WrittenPolicy } from '../../src/server/trust/policy.ts'

const presets = loadPresets()

export function shownPreset(name: string): Preset {
  const preset = presets.find(name)
  if (!preset) throw new Error(`no preset ${name}`)
  const { requiredPins, maxTokenAge, recommended, snippets, ...rest } = preset
  const { whenPresent, ...policy } = recommended
  return {
    ...rest,
    required_pins: requiredPins,
    max_token_age: maxTokenAge,
    recommended: { ...policy, when_present: whenPresent },
    snippets,
  } as unknown as Preset
}

type Policy = Pick<PolicyFields, 'subject' | 'match'> & { conditions: readonly Condition[] }

/** For an account that may write. Notes are left out. */
export function lintOf(policy: Policy, url: string, preset: string): Finding[] {
  const written = { ...policy, cel: null, state: 'live' } as unknown as WrittenPolicy
  return lintPolicy(written, {
    issuer: { url, shared: presets.isShared(url, preset), audiences: ['https://id.example/orgs/acme'] },
    preset: presets.find(preset),
    account: { access: 'write', admin: false, tokenTtl: 900 },
  }).filter(({ severity }) => severity !== 'info') as Finding[]
}
