/** The claims that a provider documents, as the presets' vectors have them; `jti` is another one each time. */
import { randomUUID } from 'node:crypto'
import vectors from '../../vectors/presets.json' with { type: 'json' }

export function documentedClaims(preset: string, title?: string): Record<string, unknown> {
  const found = vectors.cases.find((one) => one.preset === preset && (title === undefined || one.title === title))
  if (!found) throw new Error(`no vector of ${preset} is called ${title}`)
  return { ...found.claims, jti: randomUUID() }
}
