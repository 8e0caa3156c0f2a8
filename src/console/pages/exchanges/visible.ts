/** Characters that nobody sees, as something that is seen. Pure. */

const signs: Readonly<Record<string, string>> = { ' ': '␣', '\t': '⇥', '\n': '⏎', '\r': '␍' }
const codeOf = (character: string) => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`

/** `isSign`: it stands for a character that is not seen, or that is drawn as another one is. */
export type Shown = { text: string; isSign: boolean }

/** `marked`: of what differs, where a plain space and a letter that is not ASCII are shown for what they are too. */
export function visible(text: string, marked: boolean): Shown[] {
  const shown: Shown[] = []
  for (const character of Array.from(text)) {
    const sign = signOf(character, marked)
    const last = shown.at(-1)
    if (sign === undefined && last && !last.isSign)
      shown[shown.length - 1] = { text: last.text + character, isSign: false }
    else shown.push({ text: sign ?? character, isSign: sign !== undefined })
  }
  return shown
}

function signOf(character: string, marked: boolean): string | undefined {
  if (character === ' ') return marked ? signs[character] : undefined
  if (signs[character] !== undefined) return signs[character]
  if (/[\p{Z}\p{C}]/u.test(character)) return codeOf(character)
  return marked && /[^\p{ASCII}]/u.test(character) ? `${character} ${codeOf(character)}` : undefined
}
