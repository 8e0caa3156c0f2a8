/**
 * Forward auth: a proxy asks before it lets a request through (nginx auth_request, Traefik, Envoy).
 * Rules: whatever is wrong with a credential is 401 and whatever is wrong with a demand is 403, since that is what proxies
 * understand. What the proxy demands is read from the query, which it alone writes; a proxy that sends on the path, query
 * and method of its caller (Envoy) asks below the path and demands by headers, which it alone writes there: then no query
 * counts. A demand that cannot be read is a no, for it would leave a door open that was meant to be shut.
 */
import { type Request, type RequestHandler, type Response, Router } from 'express'
import { Refusal } from '../errors/refusal.ts'
import type { Admit, Admitted, Demands } from '../exchange/admit.ts'
import { bound } from './answered.ts'
import { isDpop, originOf, secretsOf } from './bearer.ts'
import { refuseOtherMethods } from './methods.ts'

type Needs = { admit: Admit }

const path = '/access/v1/verify'
const demands = ['organization', 'audience', 'action', 'project'] as const
const headerPrefix = 'x-countersign-demand-'

export function forwardAuthRoutes({ admit }: Needs): Router {
  // Strict: one slash more is Envoy's caller asking for `/`, with a query of its own.
  const router = Router({ strict: true, caseSensitive: true })
  const answer =
    (demandsOf: (req: Request) => Demands, say: (res: Response, admitted: Admitted) => void): RequestHandler =>
    async (req, res) => {
      res.setHeader('Cache-Control', 'no-store')
      // What a proof is for is a URL that the proxy's caller sees and we do not.
      if (isDpop(req))
        throw new Refusal('unauthenticated', { says: 'forward auth takes no proofs of possession (DPoP)' })
      const secret = secretsOf(req).at(-1)
      // Who shows nothing is told so, whatever else is wrong.
      const asked = secret === undefined ? {} : demandsOf(req)
      say(res, await admit(secret, asked, originOf(req, res)))
    }
  router.get(path, answer(inQuery, yes))
  refuseOtherMethods(router, [path], 'GET, HEAD')
  router.use(path, bound({ as: `${path}/*` }), answer(inHeaders, yesToEnvoy))
  return router
}

function yes(res: Response, admitted: Admitted) {
  for (const [name, value] of Object.entries(headersOf(admitted))) if (value !== undefined) res.setHeader(name, value)
  res.status(204).end()
}

/**
 * Envoy takes 200 alone for a yes. It lays our headers over its caller's and leaves those that we do not give, so each is
 * given: else a user could say for itself which team it is of.
 */
function yesToEnvoy(res: Response, admitted: Admitted) {
  for (const [name, value = ''] of Object.entries(headersOf(admitted))) res.setHeader(name, value)
  res.status(200).end()
}

const headersOf = ({ subject, organization, team, scope, principal, project }: Admitted) => ({
  'X-Countersign-Subject': subject,
  'X-Countersign-Organization': organization,
  'X-Countersign-Team': team,
  'X-Countersign-Scope': scope,
  'X-Countersign-Principal': principal,
  'X-Countersign-Project': project,
})

/** Read to its last byte: Express' own reading ends at a `#`, and after a thousand pairs. */
function inQuery({ url, headersDistinct }: Request): Demands {
  if (Object.keys(headersDistinct).some((name) => name.startsWith(headerPrefix)))
    throw unreadable(`demands by headers count below ${path}/ alone`)
  const start = url.indexOf('?')
  return demandsIn(start < 0 ? [] : new URLSearchParams(url.slice(start + 1)))
}

/** A slash too many in a proxy's address leads here too, past all that its query demands: so one demand is a must. */
function inHeaders({ headersDistinct }: Request): Demands {
  const given = demandsIn(
    Object.entries(headersDistinct)
      .filter(([name]) => name.startsWith(headerPrefix))
      .flatMap(([name, values = []]) => values.map((value) => [name.slice(headerPrefix.length), value] as const)),
  )
  if (given.organization === undefined)
    throw unreadable(`below ${path} the proxy must demand an organization (${headerPrefix}organization)`)
  return given
}

function demandsIn(pairs: Iterable<readonly [name: string, value: string]>): Demands {
  const given: Demands = {}
  for (const [name, value] of pairs) {
    if (!isDemand(name)) throw unreadable(`the proxy demands ${name}, which is not known`)
    if (value === '' || given[name] !== undefined)
      throw unreadable(`the proxy demands ${name} without saying one value`)
    given[name] = value
  }
  return given
}

const isDemand = (name: string): name is keyof Demands => (demands as readonly string[]).includes(name)
const unreadable = (says: string) => new Refusal('forbidden', { says })
