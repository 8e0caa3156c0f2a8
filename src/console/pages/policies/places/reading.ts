import type { Known } from '../forms.ts'

/** What a pasted address says. `known`: by the parts of the preset's forms, and by claims. */
export type Place = {
  preset: string
  /** In words. */
  is: string
  known: Known
  /** Of the repositories, where the platform may be an instance of one's own. */
  host?: string
  notes: string[]
  /** How to find what the address does not tell. */
  look?: string
}

/** An address, taken apart and decoded. `path`: without empty parts. */
export type Address = { host: string; path: readonly string[]; query: URLSearchParams }

/** Words for the part of the path that says a branch, if any. */
export const after = (path: readonly string[], ...words: string[]): string | undefined => {
  const at = words.findIndex((word, index) => path[index] !== word)
  const rest = path.slice(words.length).join('/')
  return at === -1 && rest !== '' ? rest : undefined
}

export const mainIsTaken = 'The address names no branch: main is taken. Change it where it is another.'
