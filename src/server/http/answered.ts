import type { RequestHandler, Response } from 'express'

/** Hears of every answer. `route`: as it was bound, never the caller's path; undefined when there is none. */
export type Answered = (route: string | undefined, method: string, status: number) => void

/** To be called at the start of an answer. One function for all of them, so that it costs no closure. */
export function tellWhenAnswered(answered: Answered): (res: Response) => void {
  function onFinish(this: Response): void {
    answered(boundTo(this), this.req.method, this.statusCode)
  }
  return (res) => void res.on('finish', onFinish)
}

/** For what is bound below a path, or to all below one: Express keeps that as the caller wrote it. */
export const bound =
  (where: { below: string } | { as: string }): RequestHandler =>
  (_req, res, next) => {
    res.locals.bound = where
    next()
  }

function boundTo({ locals, req }: Response): string | undefined {
  const path: unknown = req.route?.path
  // Names of one endpoint stand in a list, its own first.
  const found: unknown = Array.isArray(path) ? path[0] : path
  if (typeof found === 'string') return `${locals.bound?.below ?? ''}${found}`
  return locals.bound?.as
}
