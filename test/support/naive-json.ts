/**
 * JSON read the slow and plain way, letter by letter as RFC 8259 has it: the judge of quicker readers. It keeps every
 * member that is written, so that it knows of those that JSON.parse forgets.
 */
export type NaiveJson = {
  value: unknown
  /** Some object has a name twice, however it is spelt. */
  repeated: boolean
  /** The outermost object or list is 1. */
  depth: number
  /** Some number is infinite as a double. */
  infinite: boolean
  /** Some text or name has a lone surrogate. */
  broken: boolean
}

/** undefined: it is no JSON. */
export function naiveJson(text: string): NaiveJson | undefined {
  const found: NaiveJson = { value: undefined, repeated: false, depth: 0, infinite: false, broken: false }
  let at = 0
  class NoJson extends Error {}
  const fail = (): never => {
    throw new NoJson()
  }
  const blank = () => {
    while (at < text.length && ' \t\n\r'.includes(text[at] as string)) at++
  }
  const take = (letter: string) => (text[at] === letter ? at++ : fail())
  const word = <T>(letters: string, value: T): T => {
    for (const letter of letters) take(letter)
    return value
  }

  function string(): string {
    take('"')
    let read = ''
    for (;;) {
      const letter = text[at++] ?? fail()
      if (letter === '"') break
      if (letter < ' ') fail()
      if (letter !== '\\') {
        read += letter
        continue
      }
      const escaped = text[at++] ?? fail()
      if (escaped === 'u') {
        const digits = text.slice(at, at + 4)
        if (!/^[0-9a-fA-F]{4}$/.test(digits)) fail()
        at += 4
        read += String.fromCharCode(Number.parseInt(digits, 16))
      } else {
        const place = '"\\/bfnrt'.indexOf(escaped)
        if (place < 0) fail()
        read += '"\\/\b\f\n\r\t'[place]
      }
    }
    if (!read.isWellFormed()) found.broken = true
    return read
  }

  function number(): number {
    const [digits] = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/.exec(text.slice(at, at + 400)) ?? fail()
    at += digits.length
    if (!Number.isFinite(Number(digits))) found.infinite = true
    return Number(digits)
  }

  function list(depth: number): unknown[] {
    take('[')
    const values: unknown[] = []
    blank()
    if (text[at] === ']') at++
    else
      for (;;) {
        values.push(any(depth))
        blank()
        if (text[at] === ']') {
          at++
          break
        }
        take(',')
      }
    return values
  }

  function object(depth: number): unknown {
    take('{')
    const members: [string, unknown][] = []
    blank()
    if (text[at] === '}') at++
    else
      for (;;) {
        blank()
        const name = string()
        blank()
        take(':')
        members.push([name, any(depth)])
        blank()
        if (text[at] === '}') {
          at++
          break
        }
        take(',')
      }
    if (new Set(members.map(([name]) => name)).size < members.length) found.repeated = true
    return Object.fromEntries(members)
  }

  function any(depth: number): unknown {
    blank()
    const letter = text[at]
    if (letter === '{' || letter === '[') {
      found.depth = Math.max(found.depth, depth + 1)
      return letter === '{' ? object(depth + 1) : list(depth + 1)
    }
    if (letter === '"') return string()
    if (letter === 't') return word('true', true)
    if (letter === 'f') return word('false', false)
    if (letter === 'n') return word('null', null)
    return number()
  }

  try {
    found.value = any(0)
    blank()
    return at === text.length ? found : undefined
  } catch (error) {
    if (error instanceof NoJson) return undefined
    throw error
  }
}
