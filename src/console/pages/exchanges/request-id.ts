/** The first request id within a text, as it may be pasted from a log; undefined when there is none. Pure. */
export const requestIdIn = (text: string): string | undefined =>
  /req_[0-9a-hjkmnp-tv-z]{26}(?![0-9a-z])/i.exec(text)?.[0].toLowerCase()
