import type { Json } from '../protocol/json.ts'
import { printable } from './cell.ts'

type Finding = { severity: string; rule: string; message: string; better?: Json }

/** What lint found, for people: severity, rule, sentence, and what would mend it. */
export function findingsText(findings: Json | undefined): string[] {
  if (!Array.isArray(findings)) return []
  return (findings as Finding[]).flatMap(({ severity, rule, message, better }) => [
    printable(`${String(severity).padEnd(5)}  ${rule}  ${message}`),
    ...(better === undefined ? [] : [`       better: ${printable(JSON.stringify(better))}`]),
  ])
}
