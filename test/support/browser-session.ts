/** A browser, as far as a session needs one: it keeps cookies, sends the token of the session, and says where it stands. */
import { leaks } from './leaks.ts'
import { type Answer, call, type Service } from './server.ts'

export type Shown = Record<string, unknown> & { id: string; csrf_token: string }
export type Browser = ReturnType<typeof openBrowser>

type Ask = NonNullable<Parameters<typeof call>[3]>

export function openBrowser(service: Pick<Service, 'url'>, jar = new Map<string, string>()) {
  let token: string | undefined

  /** Keeps what is set, and drops what is ended. */
  function keep({ headers }: Pick<Answer, 'headers'>): void {
    for (const set of headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      if (/; Max-Age=0(;|$)/.test(set)) jar.delete(name)
      else jar.set(name, value)
      if (value !== '') leaks.learn('a chosen secret', value)
    }
  }
  async function ask(method: string, path: string, how: Ask = {}): Promise<Answer> {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await call(service, method, path, {
      ...how,
      headers: {
        ...(cookie === '' ? {} : { cookie }),
        ...(token === undefined ? {} : { 'x-csrf-token': token }),
        'user-agent': 'a browser',
        ...how.headers,
      },
    })
    keep(answer)
    const { session } = answer.body as { session?: Shown | null }
    if (session !== undefined && path.startsWith('/se')) token = session?.csrf_token ?? token
    return answer
  }
  return {
    jar,
    ask,
    keep,
    signIn: (api_key: string, how: Ask = {}) => ask('POST', '/session', { ...how, json: { api_key } }),
    session: async () => (await ask('GET', '/session')).body.session as Shown | null,
    me: () => ask('GET', '/api/v1/me'),
    token: () => token,
  }
}
