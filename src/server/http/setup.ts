/**
 * The page behind the one-time set-up link. Plain HTML, no script; the secret is in the form, the key is shown once.
 * The link's secret stands in the fragment-free path because the page must read it; the page sends no referrer.
 */
import { type Request, type RequestHandler, type Response, Router, text, urlencoded } from 'express'
import type { Setup } from '../admin/setup.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Identify } from '../exchange/identify.ts'
import { readBody } from './api/bind.ts'
import { newOrganization } from './api/schemas.ts'
import { originOf } from './bearer.ts'
import { escaped, page, style } from './page.ts'
import { sameOrigin } from './same-origin.ts'
import type { SignInRooms } from './session.ts'
import type { SessionDoor } from './session-door.ts'

const fields = [
  ['name', 'Organization', 'a-z, 0-9, - and _; it is part of the address that your jobs ask for', 'acme'],
  ['username', 'Your user name', 'a-z, 0-9, - and _', 'ada'],
  ['email', 'Your e-mail address', '', 'ada@acme.example'],
] as const

type Values = { [field in (typeof fields)[number][0]]?: string | undefined }

type Needs = {
  setup: Setup
  identify: Identify
  signIn: Pick<SignInRooms, 'sessions'>
  door: SessionDoor
  publicUrl: () => string
  showConsole: RequestHandler
}

const form = urlencoded({ extended: false, limit: 8192 })
const json = text({ type: ['application/json'], limit: 8192, defaultCharset: 'utf-8' })

export function setupRoutes({ setup, identify, signIn: rooms, door, publicUrl, showConsole }: Needs): Router {
  const { sessions } = rooms
  const router = Router()
  router.use('/setup', sameOrigin({ publicUrl, secretPath: true }))
  router.get('/setup/style.css', (_req, res) => {
    res.type('css').send(style)
  })
  router.get('/setup/:secret', async (req, res, next) => {
    await setup.check(req.params.secret)
    showConsole(req, res, next)
  })
  router.post('/setup/:secret', form, json, async (req, res) => {
    // A page of the console asks by JSON, and is answered so; the form is for whoever has no script.
    if (req.is('application/json')) return answerJson(req, res)
    const values = (req.body ?? {}) as Values
    const { name, username, email } = values
    const judged = judge({ name, username, email })
    if (!judged.success) {
      await setup.check(req.params.secret)
      const errors = judged.error.issues.map(({ path, message }) => `${String(path.at(-1))}: ${message}`)
      return void res.status(422).type('html').send(formPage(values, errors))
    }
    try {
      const { api_key } = await setup.finish(req.params.secret, judged.data, originOf(req, res))
      await signIn(String(api_key), req, res)
      res.type('html').send(donePage(judged.data.name, String(api_key), publicUrl()))
    } catch (error) {
      if (!(error instanceof Refusal) || error.reason === 'storage_unavailable') throw error
      res
        .status(409)
        .type('html')
        .send(page('Not set up', `<p role="alert">${escaped(error.says)}</p>`))
    }
  })
  return router

  async function answerJson(req: Request, res: Response): Promise<void> {
    const secret = String(req.params.secret)
    const judged = judge(readBody(req) as Values)
    if (!judged.success) {
      await setup.check(secret)
      const errors = judged.error.issues.map(({ path, message }) => ({ path: String(path.at(-1) ?? ''), message }))
      throw new Refusal('body_invalid', { errors })
    }
    const { api_key, ...organization } = await setup.finish(secret, judged.data, originOf(req, res))
    const signedIn = await signIn(String(api_key), req, res)
    await door.answer(res, 201, signedIn, { organization, api_key })
  }
  /** The key is shown whatever happens: it is made, and nobody else has it. */
  async function signIn(key: string, req: Request, res: Response) {
    try {
      const origin = originOf(req, res)
      const caller = await identify({ secrets: [key] }, origin)
      const started = await sessions.startByKey(key, caller, 'set_up_link', origin)
      await door.replace(req, res, started)
      return { ...started, caller }
    } catch (error) {
      if (error instanceof Refusal) return undefined
      throw error
    }
  }
}

const judge = ({ name, username, email, ...more }: Values) =>
  newOrganization.required({ first_admin: true }).safeParse({ name, first_admin: { username, email }, ...more })

function formPage(values: Values, errors: readonly string[]): string {
  const inputs = fields.map(
    ([name, label, hint, example]) => `<label for="${name}">${label}</label>
<input id="${name}" name="${name}" required placeholder="${example}" value="${escaped(values[name] ?? '')}" autocomplete="off" spellcheck="false"${name === 'email' ? ' type="email"' : ''}>
${hint ? `<small>${hint}</small>` : ''}`,
  )
  const alert =
    errors.length > 0 ? `<div role="alert">${errors.map((error) => `<p>${escaped(error)}</p>`).join('')}</div>` : ''
  return page(
    'Set up Countersign',
    `<p>This makes the first organization and you its admin. The link works once.</p>${alert}
<form method="post">${inputs.join('\n')}<button type="submit">Create the organization</button></form>`,
  )
}

function donePage(org: string, key: string, publicUrl: string): string {
  return page(
    `${org} is set up`,
    `<p>This is your API key. <strong>It is shown once:</strong> keep it where you keep passwords.</p>
<pre><code>${escaped(key)}</code></pre>
<p>Try it, with the key as <code>$KEY</code>:</p>
<pre><code>curl -H "Authorization: Bearer $KEY" ${escaped(publicUrl)}/api/v1/me</code></pre>
<p>Then register an issuer and make a service account: <a href="../docs">the API</a>.</p>`,
  )
}
