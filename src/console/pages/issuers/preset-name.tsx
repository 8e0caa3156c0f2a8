import { usePresets } from './use-presets.ts'

/** What a preset is called by people. */
export function PresetName({ org, preset }: { org: string; preset: string | null }) {
  const { data } = usePresets(org)
  if (preset === null) return <span>none</span>
  return <span>{data?.items.find(({ name }) => name === preset)?.title ?? preset}</span>
}
