/** Fly.io: a socket in every machine gives OpenID tokens as text (fly.io/docs/security/openid-connect). */
import { SubjectTokenError } from '../federation-error.ts'
import type { SubjectTokenSource } from '../subject-token.ts'
import { audienceNeeded } from './audience-needed.ts'
import { isPassing, patience } from './call-platform.ts'

const name = 'fly'
const socket = '/.fly/api'

export const fly: SubjectTokenSource = {
  name,
  missing: 'FLY_APP_NAME and FLY_MACHINE_ID are not both set',
  // Both are set by the machine's init; the first alone may be somebody's own, who deploys.
  detect: ({ env }) => Boolean(env.FLY_APP_NAME && env.FLY_MACHINE_ID),
  async getSubjectToken(ask, here) {
    const body = JSON.stringify({ aud: audienceNeeded(name, ask) })
    const headers = { host: 'localhost', 'content-type': 'application/json' }
    const signal = AbortSignal.any([ask.signal, AbortSignal.timeout(patience)])
    const request = { method: 'POST', path: '/v1/tokens/oidc', headers, body, signal }
    const { status, text } = await here.ask(socket, request).catch((cause: unknown) => {
      ask.signal.throwIfAborted()
      throw new SubjectTokenError(name, `nobody answers at ${socket}`, {
        code: 'platform_unavailable',
        isUnavailable: true,
        hint: 'it is in every machine, and not in a container inside one; the user that the program runs as has to be able to open it',
        cause,
      })
    })
    if (status === 200) return { token: text.trim() }
    throw new SubjectTokenError(name, `${socket} gave no token (${status})`, { isUnavailable: isPassing(status) })
  },
}
