/** Stands in for Countersign where a test has to lie or to fail: its key set, introspection and evaluation, on loopback. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

type Answer = { status?: number; body?: unknown; headers?: Record<string, string>; hang?: true }
export type Issuing = Awaited<ReturnType<typeof startIssuing>>

export const serverKey = 'csk_00000000000000000000000000000000000000000002Anc97'

/** `answers`: by path; what is not there is 404. Each call is counted by its path. */
export async function startIssuing() {
  const answers: Record<string, Answer | ((body: string) => Answer)> = {}
  const calls: { path: string; body: string; authorization?: string | undefined }[] = []
  const read = async (req: IncomingMessage) => {
    let text = ''
    for await (const chunk of req) text += chunk
    return text
  }
  const server = createServer(async (req: IncomingMessage, res: ServerResponse) => {
    const path = req.url ?? ''
    const body = await read(req)
    calls.push({ path, body, authorization: req.headers.authorization })
    const found = answers[path]
    const {
      status = 200,
      body: sent = {},
      headers = {},
      hang,
    } = (typeof found === 'function' ? found(body) : found) ?? {
      status: 404,
    }
    if (hang) return
    res.writeHead(status, { 'content-type': 'application/json', ...headers })
    res.end(typeof sent === 'string' ? sent : JSON.stringify(sent))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function newKey(kid: string, alg = 'ES256') {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
    return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
  }
  const key = await newKey('k1')
  const publish = (keys: readonly object[], headers: Record<string, string> = {}) => {
    answers['/oauth/jwks'] = { body: { keys }, headers: { 'cache-control': 'public, max-age=300', ...headers } }
  }
  publish([key.jwk])

  const seconds = () => Math.floor(Date.now() / 1000)
  const claims = () => ({
    iss: url,
    sub: 'sa_01',
    client_id: 'sa_01',
    aud: 'https://api.example',
    iat: seconds(),
    exp: seconds() + 900,
    jti: 'j1',
    scope: 'projects:read projects:write',
    org: 'acme',
    team: 'ml',
    principal: 'service_account',
    name: 'trainer',
    method: 'federated',
    idp: { iss: 'https://ci.example', sub: 'job' },
  })
  type Signing = { header?: Record<string, unknown>; by?: Awaited<ReturnType<typeof newKey>> }
  /** A good token but for what is said otherwise; undefined takes a claim or header away. */
  const token = (more: Record<string, unknown> = {}, { header = {}, by = key }: Signing = {}) =>
    new SignJWT({ ...claims(), ...more })
      .setProtectedHeader({ alg: by.alg, kid: by.kid, typ: 'at+jwt', ...header })
      .sign(by.privateKey)
  return {
    url,
    answers,
    calls,
    asked: (path: string) => calls.filter((call) => call.path === path).length,
    key,
    newKey,
    publish,
    claims,
    token,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
