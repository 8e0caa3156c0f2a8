/** The API's description: openapi.json, and the same as a page (Swagger UI, from our own origin); the schema of files. */
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { static as files, type Response, Router } from 'express'
import { organizationSchema } from '../files/schema.ts'
import { bound } from './answered.ts'
import type { Route } from './api/route.ts'
import { openApiOf } from './openapi.ts'

const swaggerUi = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Countersign API</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="icon" href="docs/favicon-32x32.png">
</head>
<body>
<main id="swagger-ui"></main>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`
const start = `SwaggerUIBundle({ url: 'api/v1/openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null })\n`

export function docsRoutes({ routes, publicUrl }: { routes: readonly Route[]; publicUrl: () => string }): Router {
  let description: object | undefined
  let schema: object | undefined
  const router = Router()
  router.get('/api/v1/openapi.json', (_req, res) => {
    description ??= openApiOf(routes, publicUrl())
    res.set('Cache-Control', 'public, max-age=60').json(description)
  })
  router.get('/api/v1/schemas/organization.json', (_req, res) => {
    schema ??= organizationSchema()
    res.set('Cache-Control', 'public, max-age=60').type('application/schema+json').send(JSON.stringify(schema))
  })
  router.get('/docs', (req, res) => {
    if (req.path.endsWith('/')) return res.redirect('../docs')
    res.type('html').send(page)
  })
  router.get('/docs/start.js', (_req, res) => {
    res.type('js').send(start)
  })
  const mayBeKept = (res: Response) => void res.set('Cache-Control', 'public, max-age=3600')
  router.use('/docs', bound({ as: '/docs/*' }), files(swaggerUi, { index: false, setHeaders: mayBeKept }))
  return router
}
