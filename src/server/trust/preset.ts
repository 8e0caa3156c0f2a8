/** What is known of an identity provider: config/presets/*.yaml, read once at the start. */
import type { Condition, MatchKind } from './policy.ts'

export const presetNames = [
  'github',
  'gitlab',
  'circleci',
  'buildkite',
  'bitbucket',
  'hcp-terraform',
  'vercel',
  'fly',
  'kubernetes',
  'gcp',
  'entra',
  'aws',
  'spiffe',
  'custom',
] as const
export type PresetName = (typeof presetNames)[number]

/** Who decides what a claim says: nobody after the fact, somebody who renames, or whoever opens a pull request. */
export const controls = ['immutable', 'mutable', 'attacker_influenced'] as const
export type Control = (typeof controls)[number]

export type PresetClaim = {
  /** As in a condition: a name, or a JSON pointer. */
  claim: string
  control: Control
  kind: 'string' | 'number' | 'boolean' | 'list'
  /** What it identifies, where it pins something: a tenant (organization, workspace) or a resource in it. */
  pins?: 'tenant' | 'resource'
  is: string
  example: string | number | boolean | readonly string[]
  /** Of a claim that not every token has: how a workload comes to have it. */
  ask?: string
}

export type PresetIssuer = {
  /**
   * A URL with `{placeholders}`, each one label or path segment: `https://token.actions.{subdomain}.ghe.com`. One that is
   * the whole host stands for any host name.
   */
  url: string
  is: string
  /** Many tenants bear this very URL: a policy has to pin its own. */
  shared: boolean
  /** False: a URL like this one says nothing of whose it is (`https://{host}`), so the preset has to be named. */
  recognized: boolean
}

export type Snippet = {
  title: string
  language: string
  /** With `{{url}}`, `{{organization}}`, `{{audience}}`, `{{token_endpoint}}`, `{{service_account}}` to be filled in. */
  text: string
}

/**
 * With `{placeholders}` for what is the policy's own: one in a subject stands for what a subject has there, one in a
 * condition for what its claim says; one of the same name means the same.
 */
export type Recommended = {
  subject: string
  match: MatchKind
  conditions: readonly Condition[]
  /** Further ones, where the token has the claim. */
  whenPresent: readonly Condition[]
  why: string
}

export type Preset = {
  name: PresetName
  title: string
  issuers: readonly PresetIssuer[]
  audience: {
    advice: string
    /** What platforms use when nobody asks for an audience: anybody's token has it. Globs. */
    defaults: readonly string[]
  }
  claims: readonly PresetClaim[]
  /** Of a shared issuer: at least one set of claims whose members are all pinned. */
  requiredPins: readonly (readonly string[])[]
  /** `immutable`: a subject is never given to somebody else. `pins`: claims that a subject of this form pins, up to them. */
  subject: { immutable: boolean; forms: readonly { form: string; is: string; pins: readonly string[] }[] }
  /** Seconds from `iat` to `exp` that its tokens live at the most; what `max_token_age` becomes by itself. */
  maxTokenAge: number
  recommended: Recommended
  snippets: readonly Snippet[]
}
