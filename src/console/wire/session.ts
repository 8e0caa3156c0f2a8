/** Who is signed in, and how that is changed. Other tabs of this browser hear of it. */
import { type QueryClient, queryOptions, useQuery } from '@tanstack/react-query'
import { rememberCsrfToken, request } from './request.ts'
import type { Me, Session, SessionAnswer, SessionRow } from './shapes.ts'

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  async queryFn({ signal }): Promise<SessionAnswer> {
    const answer = await request<SessionAnswer>('GET', '/session', { signal })
    rememberCsrfToken(answer.session?.csrf_token)
    return answer
  },
  staleTime: 60_000,
  refetchOnWindowFocus: true,
})

const channel = 'BroadcastChannel' in window ? new BroadcastChannel('countersign-session') : undefined

/** What another tab has done is looked at anew here. */
export function listenToOtherTabs(client: QueryClient): void {
  channel?.addEventListener('message', () => void client.invalidateQueries({ queryKey: sessionQuery.queryKey }))
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

export async function chooseOrganization(client: QueryClient, organization: string): Promise<SessionAnswer> {
  const answer = await request<SessionAnswer>('PUT', '/session/organization', { body: { organization } })
  client.clear()
  keepSession(client, answer)
  return answer
}

/** Where the browser has to go then, to be signed out of the provider too. */
export async function signOut(client: QueryClient): Promise<string | null> {
  const answer = await request<{ logout_url: string | null }>('DELETE', '/session', { isSignIn: true })
  rememberCsrfToken(undefined)
  client.clear()
  channel?.postMessage('changed')
  return answer?.logout_url ?? null
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
