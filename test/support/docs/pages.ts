/** Every page that is made from the code, whole or in part, as it has to be. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { presetNames } from '../../../src/server/trust/preset.ts'
import { root } from '../server.ts'
import { claimsPage } from './claims-page.ts'
import { blocksOf, refreshed } from './provider-blocks.ts'
import { reasonsPage } from './reasons-page.ts'

/** Azure Pipelines has no preset: what its tokens say is documented nowhere. */
export const platformNames = [...presetNames, 'azure-pipelines'] as const

type Page = readonly [file: string, text: string]

export const pages = (): readonly Page[] => [
  ['docs/reference/claims.md', claimsPage()],
  ['docs/reference/reasons.md', reasonsPage()],
  ...platformNames.map((name): Page => {
    const file = providerPage(name)
    return [file, refreshed(readFileSync(join(root, file), 'utf8'), blocksOf(name))]
  }),
]

export const providerPage = (name: string): string => `docs/how-to/providers/${name}.md`
