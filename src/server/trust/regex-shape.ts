/** How a regular expression is written, as far as lint asks. */
export type RegexShape = {
  /** It begins with `^` and ends with `$`, for each alternative. */
  anchored: boolean
  /** A `.` that is not repeated: often a dot was meant, and any character is taken. */
  bareDot: boolean
  /** A repetition of something that repeats: `(a+)+`. */
  nestedRepetition: boolean
}

export function regexShape(pattern: string): RegexShape {
  const outer = { repeats: false, alternatives: false }
  let group = outer
  const groups: (typeof outer)[] = []
  let bareDot = false
  let nestedRepetition = false
  /** Whether what a repetition would follow repeats already. */
  let lastRepeats = false
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] as string
    if ('*+{'.includes(char) && at > 0) {
      if (lastRepeats) nestedRepetition = true
      group.repeats = true
      if (char === '{') at = endOf(pattern, at, '}')
      // `a+?` is lazy, not a repetition of a repetition.
      if (pattern[at + 1] === '?') at++
      lastRepeats = false
      continue
    }
    lastRepeats = false
    if (char === '\\') at++
    else if (char === '[') at = endOfClass(pattern, at)
    else if (char === '(') {
      groups.push(group)
      group = { repeats: false, alternatives: false }
      const flags = /^\?(?:P?<\w+>|[a-zA-Z-]*:)/.exec(pattern.slice(at + 1))
      at += flags?.[0].length ?? 0
    } else if (char === ')') {
      lastRepeats = group.repeats
      const within = group.repeats
      group = groups.pop() ?? outer
      group.repeats ||= within
    } else if (char === '|') group.alternatives = true
    else if (char === '.' && !'*+{?'.includes(pattern[at + 1] ?? '.')) bareDot = true
  }
  const ends = /(?:^|[^\\])(?:\\\\)*(?:\$|\\z)$/.test(pattern)
  return { anchored: /^(?:\^|\\A)/.test(pattern) && ends && !outer.alternatives, bareDot, nestedRepetition }
}

const endOf = (pattern: string, from: number, end: string) => {
  const at = pattern.indexOf(end, from)
  return at < 0 ? pattern.length : at
}

function endOfClass(pattern: string, from: number): number {
  let at = from + 1
  if (pattern[at] === '^') at++
  // A bracket that comes first is a member.
  if (pattern[at] === ']') at++
  for (; at < pattern.length && pattern[at] !== ']'; at++) {
    if (pattern[at] === '\\') at++
    else if (pattern.startsWith('[:', at)) at = endOf(pattern, at, ':]') + 1
  }
  return at
}
