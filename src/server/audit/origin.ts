import type { Client } from './event.ts'

/** Where a deed comes from: the request, and the client that sent it. */
export type Origin = {
  requestId: string
  client: Client
  /** The trace that the request is part of, as its caller says (W3C Trace Context): for traces alone. */
  traceparent?: string | undefined
}
