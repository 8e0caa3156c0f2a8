/**
 * The page behind the one-time set-up link. Plain HTML, no script; the secret is in the form, the key is shown once.
 * The link's secret stands in the fragment-free path because the page must read it; the page sends no referrer.
 */
import { type RequestHandler, Router, urlencoded } from 'express'
import type { Setup } from '../admin/setup.ts'
import { Refusal } from '../errors/refusal.ts'
import { newOrganization } from './api/schemas.ts'
import { originOf } from './bearer.ts'
import { escaped, page, style } from './page.ts'
import { sameOrigin } from './same-origin.ts'

const fields = [
  ['name', 'Organization', 'a-z, 0-9, - and _; it is part of the address that your jobs ask for', 'acme'],
  ['username', 'Your user name', 'a-z, 0-9, - and _', 'ada'],
  ['email', 'Your e-mail address', '', 'ada@acme.example'],
] as const

type Values = Partial<Record<(typeof fields)[number][0], string>>

type Needs = { setup: Setup; publicUrl: () => string; showConsole: RequestHandler }

export function setupRoutes({ setup, publicUrl, showConsole }: Needs): Router {
  const router = Router()
  router.use('/setup', sameOrigin({ publicUrl, secretPath: true }))
  router.get('/setup/style.css', (_req, res) => {
    res.type('css').send(style)
  })
  router.get('/setup/:secret', async (req, res, next) => {
    await setup.check(req.params.secret)
    showConsole(req, res, next)
  })
  router.post('/setup/:secret', urlencoded({ extended: false, limit: 8192 }), async (req, res) => {
    const values = (req.body ?? {}) as Values
    const { name, username, email } = values
    const judged = newOrganization.required({ first_admin: true }).safeParse({ name, first_admin: { username, email } })
    if (!judged.success) {
      await setup.check(req.params.secret)
      const errors = judged.error.issues.map(({ path, message }) => `${String(path.at(-1))}: ${message}`)
      return void res.status(422).type('html').send(formPage(values, errors))
    }
    try {
      const caller = originOf(req, res)
      const made = await setup.finish(req.params.secret, judged.data, caller)
      res.type('html').send(donePage(judged.data.name, String(made.api_key), publicUrl()))
    } catch (error) {
      if (!(error instanceof Refusal) || error.reason === 'storage_unavailable') throw error
      res
        .status(409)
        .type('html')
        .send(page('Not set up', `<p role="alert">${escaped(error.says)}</p>`))
    }
  })
  return router
}

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
