/**
 * A counter by two or three labels whose counting neither allocates nor hashes: the numbers lie in cells of our own, and
 * the library gets them when somebody looks.
 */
import { Counter, type Registry } from 'prom-client'

type Cell = { readonly labels: Readonly<Record<string, string>>; count: number }

/** The cell of these labels. Kept by who counts: looking for it is what costs. */
export type CellOf = (...values: readonly string[]) => Cell

export function createCounts(register: Registry, name: string, help: string, labelNames: readonly string[]): CellOf {
  const cells: Cell[] = []
  new Counter({
    name,
    help,
    labelNames: [...labelNames],
    registers: [register],
    collect() {
      this.reset()
      for (const { labels, count } of cells) this.inc(labels, count)
    },
  })
  return (...values) => {
    const cell: Cell = { labels: Object.fromEntries(labelNames.map((label, i) => [label, values[i] ?? ''])), count: 0 }
    cells.push(cell)
    return cell
  }
}

/** What is there under the key, made when it is not. */
export function within<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}
