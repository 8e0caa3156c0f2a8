/**
 * A value from the caller's own token, fit to stand in error_description (RFC 6749 §5.2: printable ASCII without `"`
 * and `\`): shortened to 120 characters, whatever does not fit replaced by a question mark.
 */
export function quoted(value: string): string {
  const short = value.length > 120 ? `${value.slice(0, 117)}...` : value
  return `'${short.replace(/[^ !#-[\]-~]/gu, '?')}'`
}
