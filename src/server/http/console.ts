/**
 * The web console: its files, and the one page that they hang on. It is served at `/` and wherever a browser asks for a
 * page below a name that is not ours (`/{org}/…`); the page finds its way by the address.
 * Rules: files bear a digest of themselves in their name and may be kept for ever, the page never; the page holds nothing
 * of anybody; its policy lets in nothing from elsewhere and no script or style that stands in a page.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import { type RequestHandler, type Response, Router } from 'express'
import helmet from 'helmet'
import { escaped, page } from './page.ts'

/** The same from src/server/http and from dist/server/http. */
const built = resolve(import.meta.dirname, '../../../dist/console')

/** First parts of a path that are no organization's in the console: what is asked for there and is not there is a 404. */
const ours =
  /^\/(?:api|docs|oauth|oidc|v1|access|login|session|sessions|assets|orgs|livez|readyz|metrics|\.well-known)(?:\/|$)/i

const missing = page(
  'The console is not built',
  '<p>The service runs. For its pages, run <code>npm run build</code> and start it again.</p>',
)

export type Console = {
  files: Router
  /** Answers with the page. */
  show: RequestHandler
  /** Answers with the page where a browser asks for one, and nothing else is there. */
  fallback: Router
}

export function createConsole({ publicUrl }: { publicUrl: () => string }): Console {
  const base = new URL(publicUrl()).pathname.replace(/\/$/, '')
  const index = join(built, 'index.html')
  // Read once, as the files are that it names: what is built meanwhile is for the next start.
  const html = existsSync(index) ? readFileSync(index, 'utf8') : undefined
  const whole = html
    ?.replaceAll(/(src|href)="\.\//g, `$1="${base}/`)
    .replace('name="countersign-url" content=""', () => `name="countersign-url" content="${escaped(publicUrl())}"`)

  const show: RequestHandler = (req, res) => {
    res.locals.nonce = randomBytes(16).toString('base64url')
    secured(req, res, () => {
      res.type('html')
      if (whole === undefined) res.status(503).send(missing)
      else res.send(whole.replace('nonce=""', `nonce="${res.locals.nonce}"`))
    })
  }
  const assets = assetsIn(join(built, 'assets'))
  const files = Router()
  files.get('/assets/:name', (req, res, next) => {
    const asset = assets.get(req.params.name)
    if (!asset) return next()
    const encoding = req.acceptsEncodings(['br', 'gzip', 'identity'])
    const variant = encoding === 'br' || encoding === 'gzip' ? asset[encoding] : undefined
    if (variant) res.set('Content-Encoding', encoding as string)
    res.set({ 'Cache-Control': 'public, max-age=31536000, immutable', Vary: 'Accept-Encoding' })
    res.type(extname(req.params.name)).send(variant ?? asset.plain)
  })
  const fallback = Router()
  // No route: what goes on from here is counted as unknown, and not as the console's.
  fallback.use((req, res, next) => {
    const looks = req.method === 'GET' || req.method === 'HEAD'
    if (!looks || ours.test(req.path) || !asksForPage(req.get('accept'), req.path)) return next()
    res.locals.bound = { as: '/*' }
    show(req, res, next)
  })
  return { files, show, fallback }
}

type Asset = { plain: Buffer; br?: Buffer; gzip?: Buffer }

/** All of them, some three megabytes with what they are compressed to: no request waits for the disk. */
function assetsIn(folder: string): ReadonlyMap<string, Asset> {
  const names = existsSync(folder) ? readdirSync(folder) : []
  const read = (name: string) => readFileSync(join(folder, name))
  const one = (name: string): Asset => ({
    plain: read(name),
    ...(names.includes(`${name}.br`) ? { br: read(`${name}.br`) } : {}),
    ...(names.includes(`${name}.gz`) ? { gzip: read(`${name}.gz`) } : {}),
  })
  return new Map(names.filter((name) => !/\.(br|gz)$/.test(name)).map((name) => [name, one(name)]))
}

/** A browser that goes to an address says so; a program that asks for what is not there is told just that. */
const asksForPage = (accept = '', path: string) =>
  path === '/' || /text\/html(?! *; *q=0(?:\.0*)? *(?:,|$))/.test(accept)

const secured = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      // What components measure is set by script, element by element; a style that stands in the page needs the nonce.
      styleSrc: ["'self'", (_req, res) => `'nonce-${(res as Response).locals.nonce}'`],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  referrerPolicy: { policy: 'no-referrer' },
  strictTransportSecurity: false,
  xFrameOptions: { action: 'deny' },
})
