/** Who is signed in, and how that is changed. Other tabs of this browser hear of it. */
import { type QueryClient, queryOptions, useQuery } from '@tanstack/react-query'
import { inAddress } from './addresses.ts'
import { base } from './base.ts'
import { rememberCsrfToken, request, tellSessionEnded } from './request.ts'
import type { Me, Session, SessionAnswer, SessionRow } from './shapes.ts'

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  async queryFn({ client, queryKey, signal }): Promise<SessionAnswer> {
    const answer = await request<SessionAnswer>('GET', '/session', { signal })
    const before = client.getQueryData<SessionAnswer>(queryKey)
    if (!answer.session && before?.session) {
      // It has ended beneath the page: that stays, with what was typed, until somebody signs in over it.
      tellSessionEnded()
      return before
    }
    rememberCsrfToken(answer.session?.csrf_token)
    // Somebody else has signed in, in another tab: nothing of the one before stays on the screen or in memory.
    if (before?.session?.me && answer.session?.me?.id !== before.session.me.id) window.location.assign(`${base}/`)
    return answer
  },
  staleTime: 60_000,
  refetchOnWindowFocus: true,
})

const channel = 'BroadcastChannel' in window ? new BroadcastChannel('countersign-session') : undefined

/** Who signs in in another tab is looked at anew here; who signs out there leaves nothing on the screen here. */
export function listenToOtherTabs(client: QueryClient): void {
  channel?.addEventListener('message', ({ data }) => {
    if (data === 'signed out') window.location.assign(`${base}/sign-in`)
    else void client.invalidateQueries({ queryKey: sessionQuery.queryKey })
  })
}

/** After any answer that says who is signed in now. */
export function keepSession(client: QueryClient, answer: SessionAnswer): void {
  rememberCsrfToken(answer.session?.csrf_token)
  client.setQueryData(sessionQuery.queryKey, answer)
  channel?.postMessage('changed')
}

export async function signInWithKey(client: QueryClient, apiKey: string): Promise<SessionAnswer> {
  const answer = await request<SessionAnswer>('POST', '/session', { body: { api_key: apiKey }, isSignIn: true })
  keepSession(client, answer)
  return answer
}

/** Of a person whom several know. The console is loaded anew: nothing of the one before stays in it. */
export async function chooseOrganization({ id, name }: { id: string; name: string }): Promise<void> {
  await request<SessionAnswer>('PUT', '/session/organization', { body: { organization: id } })
  channel?.postMessage('changed')
  window.location.assign(`${base}/${inAddress('organization', name)}`)
}

/** The browser is left with nothing of what was shown: it goes to the provider, to be signed out there too, or begins anew. */
export async function signOut(): Promise<void> {
  const { logout_url } = await request<{ logout_url: string | null }>('DELETE', '/session', { isSignIn: true })
  channel?.postMessage('signed out')
  window.location.assign(logout_url ?? `${base}/sign-in`)
}

export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: ({ signal }) => request<{ items: SessionRow[] }>('GET', '/sessions', { signal }),
})
export const endSession = (id: string) => request<void>('DELETE', `/sessions/${id}`)
export const endOtherSessions = () => request<void>('DELETE', '/sessions')

/** Below a page that only shows when somebody is signed in. */
export function useSession(): Session & { me: Me } {
  const { data } = useQuery(sessionQuery)
  if (!data?.session?.me) throw new Error('a page that needs a session is shown without one')
  return data.session as Session & { me: Me }
}
