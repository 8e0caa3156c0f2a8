import type { Client } from './event.ts'

/** Where a deed comes from: the request, and the client that sent it. */
export type Origin = { requestId: string; client: Client }
