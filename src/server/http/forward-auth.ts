/**
 * Forward auth: a proxy asks before it lets a request through (nginx auth_request, Traefik, Envoy).
 * Rules: the only answers are 204, 401 and 403, since that is what proxies understand. What the proxy demands is read from
 * the query, which it alone writes; a proxy that sends on the path and query of its caller (Envoy) asks below the path
 * and demands by headers, which it alone writes there, and then no query counts.
 */
import { type Request, type RequestHandler, type Response, Router } from 'express'
import { Refusal } from '../errors/refusal.ts'
import type { Admit, Demands } from '../exchange/admit.ts'
import { originOf, secretsOf } from './bearer.ts'
import { refuseOtherMethods } from './methods.ts'

type Needs = { admit: Admit }

const path = '/access/v1/verify'
const demands = ['organization', 'audience', 'action', 'project'] as const
const headerOf = (name: string) => `x-countersign-demand-${name}`

export function forwardAuthRoutes({ admit }: Needs): Router {
  const router = Router()
  const answer =
    (demandsOf: (req: Request) => Demands): RequestHandler =>
    async (req, res) => {
      res.setHeader('Cache-Control', 'no-store')
      const secret = secretsOf(req).at(-1)
      // Who shows nothing is told so, whatever else is wrong.
      const asked = secret === undefined ? {} : demandsOf(req)
      admitted(res, await admit(secret, asked, originOf(req, res)))
    }
  router.get(path, answer(inQuery))
  refuseOtherMethods(router, [path], 'GET, HEAD')
  router.all(`${path}/{*rest}`, answer(inHeaders))
  return router
}

function admitted(
  res: Response,
  { subject, organization, team, scope, principal, project }: Awaited<ReturnType<Admit>>,
) {
  const told = { Subject: subject, Organization: organization, Team: team, Scope: scope, Principal: principal }
  for (const [name, value] of Object.entries({ ...told, Project: project }))
    if (value !== undefined) res.setHeader(`X-Countersign-${name}`, value)
  res.status(204).end()
}

/** A demand that is empty, given twice or misspelt would leave a door open that was meant to be shut. */
function inQuery({ query }: Request): Demands {
  for (const [name, value] of Object.entries(query)) {
    if (!(demands as readonly string[]).includes(name))
      throw unreadable(`the proxy demands ${name}, which is not known`)
    if (typeof value !== 'string' || value === '')
      throw unreadable(`the proxy demands ${name} without saying one value`)
  }
  return query as Demands
}

function inHeaders({ headers }: Request): Demands {
  const given: Demands = {}
  for (const name of demands) {
    const value = headers[headerOf(name)]
    if (value === undefined) continue
    if (typeof value !== 'string' || value === '')
      throw unreadable(`the proxy demands ${name} without saying one value`)
    given[name] = value
  }
  return given
}

const unreadable = (says: string) => new Refusal('forbidden', { says })
