/**
 * Texts that open a door, wherever they turn up: an API key of ours, a JWS or JWE, a private key. What is written down
 * or said of what somebody sent goes through here last, whatever was meant to be in it. Pure; linear in the text.
 */

/**
 * A text as JSON has it, too: line ends of a PEM as escapes; and as a URL has it, escaped once or more. A JWS begins
 * where a word does, or behind such an escape: with a brace, and then a name or white space.
 */
const forms = [
  'csk(?:_|%(?:25)*5[Ff])[0-9A-Za-z]{20,}',
  String.raw`(?:(?<![\w-])|(?<=%[\dA-Fa-f]{2})|(?<=\\[bfnrt])|(?<=\\u[\dA-Fa-f]{4}))(?:eyJ|eyA|ew(?:0K|ogI|oJ|oi[Yad]))[\w-]{12,}\.[\w.-]{16,}`,
  String.raw`-----BEGIN (?:[A-Z]{1,16} ){0,2}PRIVATE KEY-----(?:[\w\s+/=]|\\[nrt])*(?:-----END [A-Z ]{1,40}-----)?`,
]
const any = new RegExp(forms.join('|'))
const all = new RegExp(any, 'g')

export const holdsSecret = (text: string): boolean => any.test(text)

export const withoutSecrets = (text: string): string => (any.test(text) ? text.replace(all, '[redacted]') : text)
