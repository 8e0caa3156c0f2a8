/**
 * An API with projects that the W&B SDK and CLI take for W&B: who calls and what they may is Countersign's to say, by
 * @countersign/verify. Its origin passes /oidc/token on to the service, as the proxy before both does in the open.
 */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Caller, createVerifier, credentialIn, type Decision, VerifyError } from '@countersign/verify'
import express, { type Request, type Response } from 'express'
import { GraphQLError, graphql } from 'graphql'
import { type ResourceServer, resourceServer } from './resource-server.ts'
import { wandbSchema } from './wandb-schema.ts'
import type { World } from './world.ts'

export type WandbRun = {
  /** `team/project`. */
  project: string
  config: string
  /** Who made it, and who gets the credit. */
  by: string
  attribution: Pick<Decision, 'attributedTo' | 'attributionIgnored'>
  /** Lines of each file of the stream. */
  streamed: Record<string, string[]>
  /** Names of the files that were uploaded. */
  uploaded: string[]
  exitcode?: number
}
export type WandbRequest = {
  method: string
  url: string
  headers: IncomingHttpHeaders
  /** Of a GraphQL request: the first field that is asked for. */
  field?: string
  status: number
}
export type WandbApi = Awaited<ReturnType<typeof startWandbApi>>
type StreamedFiles = Record<string, { offset: number; content: string[] }>
type Bucket = { name?: string; modelName?: string; entityName?: string; config?: string }

/** As the SDK calls a project that nobody has named. */
const unnamed = 'uncategorized'

/** `path`: below which it serves everything, as the base URL then has it. */
export async function startWandbApi(world: World, { path = '' } = {}) {
  const { service, org } = world
  const api: ResourceServer = await resourceServer(world, 'tracker')
  const { verify, evaluate, requireAccess } = createVerifier({
    url: service.publicUrl,
    organization: org,
    audience: api.audience,
    key: api.secret,
    // What is revoked is so at the next request.
    cacheSeconds: 0,
    // Where it listens, when others know it by another name.
    fetch: (url, init) => fetch(String(url).replace(service.publicUrl, service.url), init),
  })
  const runs = new Map<string, WandbRun>()
  const uploads = new Map<string, { run: WandbRun; name: string }>()
  const requests: WandbRequest[] = []

  /** A person has an e-mail address, which the SDK then sends along as that of whom the run is by. */
  const emailOf = async (credential: string, { type }: Caller): Promise<string | null> => {
    if (type !== 'user') return null
    const headers = { authorization: `Bearer ${credential}` }
    const { email } = (await (await fetch(`${service.url}/oauth/userinfo`, { headers })).json()) as { email: string }
    return email
  }

  /** Everything that a query of this caller may ask for. */
  const rootOf = (req: Request, credential: string, caller: Caller) => {
    const may = async (action: 'read' | 'write', project: string) => {
      const answer = await evaluate(credential, { action, project, attribution: attributionIn(req.headers) })
      if (!answer.allowed || answer.project === undefined)
        throw new GraphQLError(`no ${action} access to the project ${answer.project ?? project}: ${answer.reason}`)
      return { ...answer, project: answer.project }
    }
    const entity = { id: `entity:${caller.team}`, name: caller.team, organization: null }
    return {
      viewer: {
        id: caller.id,
        name: caller.name,
        username: caller.name,
        email: () => emailOf(credential, caller),
        admin: false,
        flags: '{}',
        entity: caller.team,
        deletedAt: null,
        apiKeys: { edges: [] },
        teams: { edges: caller.team === undefined ? [] : [{ node: entity }] },
      },
      serverInfo: { features: [] },
      entity: ({ name }: { name: string }) => ({ ...entity, id: `entity:${name}`, name }),
      async model(asked: { name: string; entityName: string }) {
        const { project } = await may('read', `${asked.entityName}/${asked.name}`)
        const bucket = ({ name }: { name: string }) => {
          const run = runs.get(name)
          return run?.project === project ? bucketOf(name, run) : null
        }
        return { ...projectOf(project), bucket }
      },
      async upsertBucket({ input }: { input: Bucket }) {
        const { name = randomUUID(), modelName, entityName, config } = input
        const asked = modelName || unnamed
        const { project, attributedTo, attributionIgnored } = await may(
          'write',
          entityName ? `${entityName}/${asked}` : asked,
        )
        const known = runs.get(name)
        if (known && known.project !== project) throw new GraphQLError(`the run ${name} is not in ${project}`)
        const run: WandbRun = known ?? {
          project,
          config: '{}',
          by: caller.name,
          attribution: {
            ...(attributedTo && { attributedTo }),
            ...(attributionIgnored === undefined ? {} : { attributionIgnored }),
          },
          streamed: {},
          uploaded: [],
        }
        if (config) run.config = config
        runs.set(name, run)
        return { bucket: bucketOf(name, run), inserted: known === undefined }
      },
      async createRunFiles({
        input,
      }: {
        input: Record<'entityName' | 'projectName' | 'runName', string> & { files: string[] }
      }) {
        const { project } = await may('write', `${input.entityName}/${input.projectName}`)
        const run = runs.get(input.runName)
        if (run?.project !== project) throw new GraphQLError(`there is no run ${input.runName} in ${project}`)
        // The SDK uploads without a credential: the URL is the proof.
        const files = input.files.map((name) => {
          const proof = randomUUID()
          uploads.set(proof, { run, name })
          return { name, uploadUrl: `http://${req.headers.host}${path}/storage/${proof}` }
        })
        return { runID: input.runName, uploadHeaders: [], files }
      },
    }
  }

  async function answerQuery(req: Request, res: Response): Promise<void> {
    const { query = '', variables, operationName } = req.body as Record<string, never>
    const credential = credentialIn(req.headers.authorization) ?? ''
    let caller: Caller
    try {
      caller = await verify(credential)
    } catch (error) {
      if (!(error instanceof VerifyError)) throw error
      // As W&B says it: the SDK shows this message.
      return void res.status(error.status).json({ errors: [{ message: error.message }] })
    }
    const result = await graphql({
      schema: wandbSchema,
      source: query,
      rootValue: rootOf(req, credential, caller),
      variableValues: variables ?? {},
      // The Public API of the SDK sends "", which GraphQL takes for a name that no operation has.
      ...(operationName ? { operationName } : {}),
    })
    res.status(result.data === undefined ? 400 : 200).json(result)
  }

  const app = express().disable('x-powered-by')
  const router = express.Router()
  router.use((req, res, next) => {
    const seen: WandbRequest = { method: req.method, url: req.originalUrl, headers: req.headers, status: 0 }
    requests.push(seen)
    res.on('finish', () => {
      const query = (req.body as { query?: string } | undefined)?.query
      Object.assign(seen, { status: res.statusCode }, query === undefined ? {} : { field: fieldOf(query) })
    })
    next()
  })
  router.post('/oidc/token', (req, res) => passOn(req, res, new URL('/oidc/token', service.url)))
  router.use(express.json({ limit: '10mb' }))
  router.post('/graphql', answerQuery)
  router.post(
    '/files/:team/:project/:run/file_stream',
    requireAccess<Request>({ action: 'write', project: ({ params }) => `${params.team}/${params.project}` }),
    (req, res) => {
      const run = runs.get(String(req.params.run))
      if (run?.project !== req.access?.project)
        return void res.status(404).json({ errors: [{ message: 'no such run' }] })
      if (run) keep(run, req.body)
      res.json({})
    },
  )
  router.put('/storage/:proof', (req, res) => {
    const upload = uploads.get(String(req.params.proof))
    uploads.delete(String(req.params.proof))
    upload?.run.uploaded.push(upload.name)
    req.resume().on('end', () => res.status(upload ? 200 : 403).end())
  })
  app.use(path || '/', router)

  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`
  return {
    url,
    runs,
    requests,
    /** How often the service was asked for an access token. */
    exchanges: () => requests.filter((one) => one.url === `${path}/oidc/token`).length,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Empty is absent to the service, and the SDK always sends both on queries that change something. */
function attributionIn(headers: IncomingHttpHeaders): { username?: string; email?: string } {
  const [username, email] = [headers['x-wandb-username'], headers['x-wandb-user-email']]
  return {
    ...(typeof username === 'string' ? { username } : {}),
    ...(typeof email === 'string' ? { email } : {}),
  }
}

function projectOf(project: string) {
  const [team = '', name = ''] = project.split('/')
  return { id: `project:${project}`, name, entity: { id: `entity:${team}`, name: team } }
}

function bucketOf(id: string, { project, config }: WandbRun) {
  const within = projectOf(project)
  return { id: `run:${id}`, name: id, displayName: id, description: null, config, project: within, historyLineCount: 0 }
}

function keep(run: WandbRun, sent: { files?: StreamedFiles; exitcode?: number } | undefined): void {
  for (const [name, { offset, content }] of Object.entries(sent?.files ?? {})) {
    const lines = run.streamed[name] ?? []
    lines.splice(offset, content.length, ...content)
    run.streamed[name] = lines
  }
  if (sent?.exitcode !== undefined) run.exitcode = sent.exitcode
}

const fieldOf = (query: string): string => /\{\s*(?:\w+\s*:\s*)?(\w+)/.exec(query)?.[1] ?? ''

/** As nginx would: the body as it came, and from whom. */
function passOn(req: Request, res: Response, to: URL): void {
  const headers = { ...req.headers, host: to.host, 'x-forwarded-for': req.socket.remoteAddress ?? '' }
  const onward = request(to, { method: req.method, headers }, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(res)
  })
  onward.on('error', () => res.writeHead(502).end())
  req.pipe(onward)
}
