import type { CelFault } from './cel-program.ts'

const shown = 100

/** `offset` in UTF-16 code units, as the parser counts. */
export function faultAt(source: string, offset: number, message: string): CelFault {
  const before = source.slice(0, offset).split(/\r\n|\r|\n/)
  const start = before.at(-1) ?? ''
  const rest = source.slice(offset).split(/[\r\n]/)[0] ?? ''
  const column = [...start].length
  // One cell for a tab or a control character, or the caret points elsewhere (and a terminal obeys).
  const line = Array.from(start + rest, (char) => (/\p{C}/u.test(char) ? ' ' : char))
  const from = column > shown - 20 ? column - shown + 20 : 0
  const cut = line.slice(from, from + shown).join('')
  const left = from > 0 ? '…' : ''
  const right = from + shown < line.length ? '…' : ''
  return {
    message,
    line: before.length,
    column: column + 1,
    caret: `${left}${cut}${right}\n${' '.repeat(left.length + column - from)}^`,
  }
}
