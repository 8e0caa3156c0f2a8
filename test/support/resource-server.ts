/** An API that asks Countersign, by its own key. */
import { call } from './server.ts'
import type { World } from './world.ts'

type Subject = { type: string; id: string }
export type Evaluated = {
  decision: boolean
  context: {
    project?: string
    reason: string
    attributed_to?: { id: string; username: string; email: string }
    attribution_ignored?: string
    error?: { status: number; message: string }
  }
}
export type ResourceServer = Awaited<ReturnType<typeof resourceServer>>

export const questionOf = (subject: string | Subject, action: string, project: string) => ({
  subject: typeof subject === 'string' ? { type: 'token', id: subject } : subject,
  action: { name: action },
  resource: { type: 'project', id: project },
})

/** Registers one with the organization. */
export async function resourceServer(world: World, name: string) {
  const audience = `https://${name}.example`
  const { id, api_key } = await world.make('/resource-servers', { name, audience })
  const secret = String(api_key)
  const post = (path: string, json: unknown, headers: Record<string, string> = {}) =>
    call(world.service, 'POST', path, { secret, json, headers })
  /** A question that must be answered. `subject`: an access token or API key, or whom it is about. */
  const evaluate = async (subject: string | Subject, action: string, project: string, attribution?: unknown) => {
    const context = attribution === undefined ? {} : { context: { attribution } }
    const { status, body } = await post('/access/v1/evaluation', {
      ...questionOf(subject, action, project),
      ...context,
    })
    if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`)
    return body as Evaluated
  }
  return {
    id,
    audience,
    secret,
    post,
    evaluate,
    reason: async (...question: Parameters<typeof evaluate>) => (await evaluate(...question)).context.reason,
  }
}
