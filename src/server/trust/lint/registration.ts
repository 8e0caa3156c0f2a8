/** An issuer as lint looks at it, and what is known besides. */
import type { Preset } from '../preset.ts'

export type LintedRegistration = {
  url: string
  preset: string | null
  audiences: readonly string[]
  algorithms: readonly string[]
  singleUse: boolean
  /** People sign in with it too. */
  users: boolean
  /** Whether its keys are fetched by URL; else they were uploaded, and the URL is a name alone. */
  fetched: boolean
}
export type AboutIssuer = {
  presets: { all: readonly Preset[]; find(name: string): Preset | undefined; of(url: string): Preset | undefined }
  /** What the organization's tokens are meant for by itself: its name, and its URL. */
  ownAudiences: readonly string[]
  /** Whether the operator lets issuers be fetched from the public network alone. */
  publicOnly: boolean
}

export const presetOf = ({ preset, url }: LintedRegistration, { presets }: AboutIssuer) =>
  (preset === null ? undefined : presets.find(preset)) ?? presets.of(url)
