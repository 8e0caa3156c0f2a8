import type { Finding } from './shapes.ts'

/** What the service said no with (RFC 9457), or that it could not be asked. */
export class Problem extends Error {
  override readonly name = 'Problem'
  /** 0: there was no answer. */
  readonly status: number
  readonly reason: string
  readonly requestId: string | undefined
  /** By the member of the body. */
  readonly errors: readonly { path: string; message: string }[]
  readonly findings: readonly Finding[]

  constructor(status: number, body: Record<string, unknown>) {
    super(sentence(String(body.detail ?? body.title ?? 'the service gave no reason')))
    this.status = status
    this.reason = String(body.reason ?? 'unknown')
    this.requestId = typeof body.request_id === 'string' ? body.request_id : undefined
    this.errors = Array.isArray(body.errors) ? body.errors : []
    this.findings = Array.isArray(body.findings) ? body.findings : []
  }
}

const sentence = (text: string) => {
  const begun = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(begun) ? begun : `${begun}.`
}
