/**
 * What nearly every client sends: a body of one type, spelled plainly, of a stated length and in no encoding. Read here,
 * with less ado than by Express's own parser; what says anything more of itself is that one's to judge.
 */
import type { NextFunction, Request, RequestHandler } from 'express'

type Needs = {
  /** The whole Content-Type. */
  type: string
  /** Bytes. */
  limit: number
  /** Throws what Express's parsers would. */
  judge?: (body: Buffer) => void
  otherwise: RequestHandler
}

/** Leaves the body as text. */
export function plainBody({ type, limit, judge, otherwise }: Needs): RequestHandler {
  return (req, res, next) => {
    const { headers } = req
    // The HTTP parser ends a body at the length that it states, and takes no other length beside it.
    const isPlain = headers['content-type'] === type && headers['content-encoding'] === undefined
    if (isPlain && Number(headers['content-length']) <= limit) read(req, judge, next)
    else otherwise(req, res, next)
  }
}

/** An error as Express's parsers throw them. */
export const refused = (status: number, message: string, cause?: unknown) =>
  Object.assign(new Error(message, { cause }), { status })

function read(req: Request, judge: Needs['judge'], next: NextFunction): void {
  const chunks: Buffer[] = []
  const end = (error?: unknown) => {
    req.off('data', take).off('end', whole).off('error', broken)
    next(error)
  }
  const take = (chunk: Buffer) => void chunks.push(chunk)
  const whole = () => {
    const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
    try {
      judge?.(body)
    } catch (error) {
      return end(error)
    }
    req.body = body.toString()
    end()
  }
  const broken = (cause: Error) => end(refused(400, 'the body broke off', cause))
  req.on('data', take).on('end', whole).on('error', broken)
}
