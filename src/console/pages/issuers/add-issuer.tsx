import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { SidePanel } from '../../parts/side-panel.tsx'
import { AddIssuerForm } from './add-issuer-form.tsx'
import { PresetGrid } from './preset-grid.tsx'
import { usePresets } from './use-presets.ts'

/** `add`: of the address. `1`: which provider?; a preset's name, or `custom`: the form. */
export function AddIssuer({ org, add, onClose }: { org: string; add: string; onClose: () => void }) {
  const presets = usePresets(org)
  const items = presets.data?.items
  const preset = items?.find(({ name }) => name === add)
  const isForm = preset !== undefined
  return (
    <SidePanel
      title={isForm && add !== 'custom' ? `Add ${preset.title}` : 'Add issuer'}
      opened
      onClose={onClose}
      size="64rem"
    >
      <ProblemAlert error={presets.error} retry={() => void presets.refetch()} />
      {isForm ? (
        <AddIssuerForm key={preset.name} org={org} preset={preset} presets={items ?? []} />
      ) : (
        <PresetGrid org={org} presets={items} />
      )}
    </SidePanel>
  )
}
