import { serviceUrl } from '../wire/base.ts'
import { quoted } from './quoted.ts'

export { quoted }

/** The call as curl makes it. `path`: below /api/v1; the key is in a variable, never in the text. */
export function curlOf(method: string, path: string, body?: unknown): string {
  const lines = [
    `curl -X ${method} ${quoted(`${serviceUrl}/api/v1${path}`)}`,
    `-H "Authorization: Bearer $COUNTERSIGN_KEY"`,
  ]
  if (body !== undefined) {
    lines.push(`-H 'Content-Type: ${method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'}'`)
    lines.push(`-d ${quoted(JSON.stringify(body, undefined, 2))}`)
  }
  return lines.join(' \\\n  ')
}
