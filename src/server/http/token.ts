import type { RequestHandler } from 'express'
import { Refusal } from '../errors/refusal.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Dpop } from '../tokens/dpop.ts'
import { answerJson } from './answer.ts'
import { basicOf, originOf, proofsOf } from './bearer.ts'
import { parserRefusal } from './errors.ts'
import { parameterBody, parametersOf } from './parameters.ts'

/** Where stock clients look for a token endpoint. */
export const tokenPaths = ['/oauth/token', '/oidc/token', '/v1/token']

type Needs = { exchange: Exchange; dpop: Pick<Dpop, 'nonce'> }

/** POST /oauth/token, the token endpoint of RFC 6749 §3.2. */
export function tokenHandlers({ exchange, dpop }: Needs): RequestHandler[] {
  return [
    (req, res, next) => {
      res.setHeader('Cache-Control', 'no-store')
      // A body that cannot be taken is refused by the exchange, so that it is on record like every other refusal.
      parameterBody(req, res, (error?: unknown) => {
        res.locals.bodyError = error
        next()
      })
    },
    async (req, res) => {
      // RFC 9449 §8: to be used in the next proof, after a yes as after a no.
      if (req.headers.dpop !== undefined) res.setHeader('DPoP-Nonce', dpop.nonce())
      const request = () => {
        const { bodyError } = res.locals
        if (bodyError !== undefined) throw parserRefusal(bodyError) ?? bodyError
        const basic = basicOf(req)
        return {
          parameters: parametersOf(req),
          ...(basic === undefined ? {} : { basic }),
          ...(req.headers.dpop === undefined ? {} : { dpop: proofsOf(req, res) }),
        }
      }
      answerJson(res, await exchange(request, originOf(req, res)))
    },
  ]
}

/** Any other method on a token path. */
export const tokenIsPost: RequestHandler = (_req, res) => {
  res.set({ 'Cache-Control': 'no-store', Allow: 'POST' })
  throw new Refusal('method_not_allowed')
}
