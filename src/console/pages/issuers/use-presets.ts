import { useObject } from '../../wire/objects.ts'
import type { Page, Preset } from '../../wire/shapes.ts'

/** All that is known of identity providers. */
export const usePresets = (org: string) => useObject<Page<Preset>>(`/orgs/${org}/presets`, { limit: 200 })
