/** What the workload wants to reach: an API that knows no secrets of its callers and asks Countersign who they are. */
import type { IncomingMessage } from 'node:http'
import { type Listening, listen } from './listen.ts'

export type ProtectedApi = Listening & {
  /** From now on callers are looked up there, with the resource server's own key. */
  guard(introspection: { url: string; key: string }): void
}

type Seen = { active: boolean; scope?: string; aud?: string; name?: string; team?: string }

export async function openProtectedApi(): Promise<ProtectedApi> {
  const server = await listen()
  return {
    ...server,
    guard(introspection) {
      server.serve(async (req, res) => {
        const { status, body } = await answer(server.url, introspection, req).catch(() => ({ status: 502, body: {} }))
        const challenge = status === 401 ? { 'www-authenticate': 'Bearer' } : {}
        res.writeHead(status, { 'content-type': 'application/json', ...challenge }).end(JSON.stringify(body))
      })
    },
  }
}

async function answer(audience: string, { url, key }: { url: string; key: string }, { headers }: IncomingMessage) {
  const token = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1]
  if (token === undefined) return { status: 401, body: { error: 'a bearer token is needed' } }
  const asked = await fetch(`${url}/oauth/introspect`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: new URLSearchParams({ token }),
  })
  if (!asked.ok) return { status: 502, body: { error: `introspection answered ${asked.status}` } }
  const seen = (await asked.json()) as Seen
  if (!seen.active || seen.aud !== audience) return { status: 401, body: { error: 'this token is not valid here' } }
  if (!seen.scope?.split(' ').includes('projects:read')) return { status: 403, body: { error: 'not in its scope' } }
  return { status: 200, body: { hello: `${seen.team}/${seen.name}`, report: 'loss 0.042 after 10 epochs' } }
}
