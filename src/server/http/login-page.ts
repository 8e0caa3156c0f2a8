/**
 * The page where a person lets a terminal in. Plain HTML, no script. It says who asks, from where and what they get, and
 * that a code which somebody else sent is no reason to approve; whoever approves is signed in with this browser, or shows an
 * API key of their own.
 */
import { type Request, type Response, Router, urlencoded } from 'express'
import { digestOf, isApiKey } from '../accounts/api-key.ts'
import { addressKey } from '../accounts/failures.ts'
import type { ApproverProof } from '../admin/approver.ts'
import type { DeviceLogin, WaitingLogin } from '../admin/device-login.ts'
import type { Origin } from '../audit/origin.ts'
import { wireOf } from '../errors/catalogue.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Identify } from '../exchange/identify.ts'
import { originOf } from './bearer.ts'
import type { ByCookie } from './by-cookie.ts'
import { csrfTokenOf } from './csrf.ts'
import { loginPaths } from './device-login.ts'
import { refuseOtherMethods } from './methods.ts'
import { escaped, page, style } from './page.ts'

type Needs = { login: DeviceLogin; identify: Identify; byCookie: ByCookie }

export function loginPageRoutes({ login, identify, byCookie }: Needs): Router {
  const router = Router()
  router.get('/login/style.css', (_req, res) => {
    res.type('css').send(style)
  })
  router.get(loginPaths.start, async (req, res) => {
    const typed = textOf(req.query.user_code)
    if (typed === '') return show(res, 200, codePage())
    try {
      const origin = originOf(req, res)
      show(res, 200, decisionPage(await login.look(typed, origin), origin, await viewerOf(req, res)))
    } catch (error) {
      showRefusal(res, error, (alert) => codePage(alert))
    }
  })
  router.post(loginPaths.approve, urlencoded({ extended: false, limit: 8192 }), async (req, res) => {
    const { user_code, api_key, decision, csrf_token } = (req.body ?? {}) as Record<string, unknown>
    const [typed, origin] = [textOf(user_code), originOf(req, res)]
    let waiting: WaitingLogin | undefined
    try {
      waiting = await login.look(typed, origin)
      if (waiting.decision !== 'pending') throw new Refusal('login_decided')
      if (decision === 'approve') {
        const key = textOf(api_key).trim()
        const proof = (key === '' && (await signedInAs(req, res, textOf(csrf_token)))) || (await personal(key, origin))
        const { user, org } = await login.approve(typed, proof, origin)
        return show(res, 200, approvedPage(waiting, user.name, org.name))
      }
      if (decision !== 'deny') throw new Refusal('malformed_request', { says: 'approve it, or deny it' })
      await login.deny(typed, origin)
      show(res, 200, deniedPage(waiting))
    } catch (error) {
      const isOpen = waiting?.decision === 'pending'
      const viewer = await viewerOf(req, res)
      showRefusal(res, error, (alert) =>
        waiting && isOpen ? decisionPage(waiting, origin, viewer, alert) : codePage(alert),
      )
    }
  })
  refuseOtherMethods(router, [loginPaths.start], 'GET, HEAD, POST')
  refuseOtherMethods(router, [loginPaths.approve], 'POST')
  return router

  /** The key of a person. Throws Refusal. */
  async function personal(secret: string, origin: Origin): Promise<ApproverProof> {
    if (secret === '') throw new Refusal('unauthenticated', { says: 'type an API key of yours' })
    const { type } = await identify({ secrets: [secret] }, origin)
    if (type !== 'user') throw new Refusal('not_a_person')
    if (!isApiKey(secret))
      throw new Refusal('not_a_person', { says: 'this is an access token; type an API key of yours' })
    return { digest: digestOf(secret) }
  }
  /** The person who is signed in, by the key that they were signed in with; undefined: nobody. Throws Refusal('cross_site'). */
  async function signedInAs(req: Request, res: Response, token: string): Promise<ApproverProof | undefined> {
    const found = await byCookie.signedIn(req, res, token)
    if (found?.caller?.type !== 'user') return undefined
    const { signedInBy, proof } = found.session
    return signedInBy === 'sso' || proof === null ? found.caller : { digest: proof }
  }
  /** Who looks at the page, when they need not say who they are. */
  async function viewerOf(req: Request, res: Response): Promise<Viewer | undefined> {
    const secret = byCookie.secretOf(req)
    const found = secret === undefined ? undefined : await byCookie.find(secret, originOf(req, res))
    if (secret === undefined || found?.caller?.type !== 'user') return undefined
    return { name: found.caller.name, org: found.caller.org, token: csrfTokenOf(secret) }
  }
}

type Viewer = { name: string; org: string; token: string }

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

function show(res: Response, status: number, html: string): void {
  // With no referrer at all a browser would not say either that the form which it sends is ours.
  res.set('Referrer-Policy', 'same-origin').status(status).type('html').send(html)
}

/** What is not for this page to say is thrown on. */
function showRefusal(res: Response, error: unknown, html: (alert: string) => string): void {
  if (!(error instanceof Refusal)) throw error
  const { status } = wireOf(error.reason)
  if (status >= 500) throw error
  if (status === 429) res.set('Retry-After', '60')
  // A page asks for no scheme of HTTP, which a 401 would have to name.
  const isWrongKey = status === 401
  show(res, isWrongKey ? 403 : status, html(isWrongKey ? wrongKey(error) : error.says))
}

const wrongKey = ({ says }: Refusal) =>
  says.startsWith('type ') ? says : 'this API key is unknown, expired or revoked'
const alertOf = (text: string | undefined) =>
  text === undefined ? '' : `<p role="alert">${escaped(`${text.charAt(0).toUpperCase()}${text.slice(1)}.`)}</p>`
const title = 'Let a terminal in'

const codePage = (alert?: string) =>
  page(
    title,
    `${alertOf(alert)}
<form method="get" action="device"><label for="user_code">The code that your terminal shows</label>
<input id="user_code" name="user_code" required maxlength="32" placeholder="WDJB-MJHT" autocomplete="off" autocapitalize="characters" spellcheck="false">
<button type="submit">Continue</button></form>`,
  )

function decisionPage(login: WaitingLogin, { client }: Origin, viewer: Viewer | undefined, alert?: string): string {
  const { userCode, clientName, clientAgent, clientIp, clientNet, startedAt, keyLife } = login
  const rows = [
    ['Calls itself', clientName],
    ['Program', clientAgent],
    ['Asked from', `${clientIp}, at ${new Date(startedAt).toISOString().slice(11, 16)} UTC`],
    ['Would get', `a new API key of yours, for ${lasting(keyLife)} at most. It may do whatever you may.`],
  ]
  const shown = rows.filter(([, value]) => value !== '')
  const elsewhere =
    addressKey(client.ip) === clientNet
      ? ''
      : alertOf(`It was asked for at another address than yours, which is ${client.ip}: be sure that you know why`)
  return page(
    title,
    `<p class="code">${escaped(userCode)}</p>
<p><strong>Approve only if you started this yourself, just now, in a terminal that shows this very code.</strong>
If somebody sent you here, or told you the code, deny it: they would get into your account.</p>
<dl>${shown.map(([name = '', value = '']) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join('\n')}</dl>
${elsewhere}${alertOf(alert)}
<form method="post" action="approve"><input type="hidden" name="user_code" value="${escaped(userCode)}">
${viewer ? signedInPart(viewer) : keyPart}
<button name="decision" value="approve">Approve</button><button name="decision" value="deny" formnovalidate>Deny</button></form>`,
  )
}

const keyPart = `<label for="api_key">An API key of yours</label>
<input id="api_key" name="api_key" type="password" required maxlength="256" autocomplete="off" spellcheck="false">
<small>It shows who you are. The terminal does not get this one, and its own ends no later.</small><br>`

const signedInPart = ({ name, org, token }: Viewer) =>
  `<input type="hidden" name="csrf_token" value="${escaped(token)}">
<p>You are signed in as <strong>${escaped(name)}</strong> of <strong>${escaped(org)}</strong>. The terminal will be, too.</p>`

const lasting = (seconds: number) =>
  seconds >= 86_400 ? days(Math.round(seconds / 86_400)) : `${Math.round(seconds / 60)} minutes`
const days = (n: number) => (n === 1 ? 'one day' : `${n} days`)

const approvedPage = ({ userCode }: WaitingLogin, user: string, org: string) =>
  page(
    'Approved',
    `<p>The terminal that shows <strong>${escaped(userCode)}</strong> is let in as <strong>${escaped(user)}</strong> of <strong>${escaped(org)}</strong>.</p>
<p>You may close this page. If that terminal is not yours after all, delete the key that it got, whose name begins with <code>cli-</code>, at once.</p>`,
  )

const deniedPage = ({ userCode }: WaitingLogin) =>
  page(
    'Denied',
    `<p>The terminal that shows <strong>${escaped(userCode)}</strong> is not let in. It got nothing.</p><p>You may close this page.</p>`,
  )
