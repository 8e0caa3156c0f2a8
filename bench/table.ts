/** One line of the table. A bound is of the ratio where there is one, else of our own figure. */
export type Figure = { name: string; ceiling?: number; ours: number; ratio?: number; least?: number; most?: number }

/** Writes the table; says whether every target is met. `beside`: what stands beside ours. */
export function show(
  figures: readonly Figure[],
  out: { write(text: string): unknown },
  [beside, ours] = ['ceiling', 'ours'],
): boolean {
  const line = (cells: readonly string[]) => {
    const [name = '', ...rest] = cells
    out.write(`${name.padEnd(42)}${rest.map((cell) => cell.padStart(11)).join('')}\n`)
  }
  line(['', beside, ours, 'ratio', 'target', ''])
  for (const figure of figures) {
    const { name, ceiling, ours, ratio, least, most } = figure
    const target = least !== undefined ? `>= ${least}` : most !== undefined ? `<= ${most}` : ''
    line([
      name,
      short(ceiling),
      short(ours),
      short(ratio),
      target,
      target === '' ? '' : isMet(figure) ? 'met' : 'MISSED',
    ])
  }
  return figures.every(isMet)
}

const isMet = ({ ours, ratio = ours, least = -Infinity, most = Infinity }: Figure) => ratio >= least && ratio <= most

const short = (value: number | undefined) =>
  value === undefined ? '' : value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2)

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
