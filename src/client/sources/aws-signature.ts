/**
 * Signature Version 4 (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html) of a request
 * with a body and no query, in WebCrypto, so that it runs wherever this package does.
 */
export type AwsCredentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  /** Milliseconds since 1970; undefined when they do not say. */
  readonly expiresAt?: number | undefined
}
type Request = {
  readonly url: URL
  readonly method: string
  /** All of them are signed, and `host`, `x-amz-date` and `x-amz-security-token` with them. Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}
type Scope = { readonly region: string; readonly service: string; readonly now: number }

/** The headers to send, `host` left out: whoever sends the request sets it. */
export async function signedHeaders(
  { url, method, headers, body }: Request,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  { region, service, now }: Scope,
): Promise<Record<string, string>> {
  const time = `${new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')}`
  const day = time.slice(0, 8)
  const sent: Record<string, string> = {
    ...headers,
    'x-amz-date': time,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
  }
  const signed = Object.entries({ ...sent, host: url.host }).sort(([a], [b]) => (a < b ? -1 : 1))
  const names = signed.map(([name]) => name).join(';')
  const lines = signed.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, ' ')}\n`).join('')
  // Encoded twice for every service but S3.
  const path = url.pathname.split('/').map(encodeURIComponent).join('/')
  const canonical = [method, path, '', lines, names, hex(await digest(body))].join('\n')
  const scope = `${day}/${region}/${service}/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', time, scope, hex(await digest(canonical))].join('\n')
  let key: Uint8Array<ArrayBuffer> = bytesOf(`AWS4${secretAccessKey}`)
  for (const part of [day, region, service, 'aws4_request', toSign]) key = await hmac(key, part)
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${hex(key)}`,
  }
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytesOf(text)))
}

async function hmac(key: Uint8Array<ArrayBuffer>, text: string): Promise<Uint8Array<ArrayBuffer>> {
  const { subtle } = globalThis.crypto
  const imported = await subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return new Uint8Array(await subtle.sign('HMAC', imported, bytesOf(text)))
}
