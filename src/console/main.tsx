/** The web console. Rules: it speaks to the service through wire/ alone; what is on the screen is in the address. */
import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './theme.css'
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { setNonce } from 'get-nonce'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createConsoleRouter, fetchPage } from './router.ts'
import { theme, variables } from './theme.ts'
import { Problem } from './wire/problem.ts'
import { listenToOtherTabs, sessionQuery } from './wire/session.ts'

const root = document.getElementById('root')
if (!root) throw new Error('the page has no root')
/** Of styles that components add to the page. */
const nonce = root.nonce ?? ''
setNonce(nonce)

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // A browser that holds itself to be offline is told so by the answer: nothing is kept to be sent later.
      networkMode: 'always',
      staleTime: 10_000,
      refetchOnWindowFocus: true,
      // A refusal stays one; what is away may be back.
      retry: (times, error) => times < 2 && error instanceof Problem && (error.status === 0 || error.status >= 500),
    },
    mutations: { retry: false, networkMode: 'always' },
  },
})
listenToOtherTabs(client)
const router = createConsoleRouter(client)
// Who is signed in, and what draws the page, are asked for at once: neither waits for the other, nor for the frame.
void client.prefetchQuery(sessionQuery)
fetchPage(router)

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={client}>
        <Notifications position="bottom-right" autoClose={5000} />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
