/** What the workload wants to reach: an API that knows no secrets of its callers and asks Countersign what they may do. */
import type { RequestListener } from 'node:http'
import { createVerifier, type Seen } from '../../verify/index.ts'
import { type Listening, listen } from './listen.ts'

export type ProtectedApi = Listening & {
  /** From now on callers are judged there, with the resource server's own key. */
  guard(by: { url: string; organization: string; key: string }): void
}

export async function openProtectedApi(): Promise<ProtectedApi> {
  const server = await listen()
  return {
    ...server,
    guard(by) {
      const { requireAccess } = createVerifier({ ...by, audience: server.url })
      // Named without its team: the caller's own.
      const mayRead = requireAccess({ action: 'read', project: 'reports' })
      server.serve((req, res) => void mayRead(req, res, (error) => (error ? res.destroy() : report(req, res))))
    },
  }
}

const report: RequestListener = (req, res) => {
  const { caller, access } = req as Seen
  const body = { hello: caller?.name, project: access?.project, report: 'loss 0.042 after 10 epochs' }
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
