/**
 * The examples of the OpenID AuthZEN Authorization API 1.0: its requests as they stand have an answer in its form, and,
 * asked about what is here, the decisions that it shows.
 */
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type ResourceServer, resourceServer } from '../support/resource-server.ts'
import { type Service, startService } from '../support/server.ts'
import { createWorld, type World } from '../support/world.ts'

type Body = Record<string, unknown>
const alice = (domain: string) => ({ type: 'user', id: `alice@${domain}` })
const document = (id: string) => ({ type: 'document', id })
const time = { time: '2024-05-31T15:22-07:00' }
const files = ['boxcarring.md', 'subject-search.md', 'resource-search.md']
const read = { name: 'can_read' }
const edit = { name: 'can_edit' }

/** §6.1 and §12.1: one evaluation. */
const single: Body[] = [
  {
    subject: alice('acmecorp.com'),
    resource: { type: 'account', id: '123' },
    action: { name: 'can_read', properties: { method: 'GET' } },
    context: { time: '1985-10-26T01:22-07:00' },
  },
  {
    subject: alice('acmecorp.com'),
    resource: { type: 'todo', id: '1' },
    action: read,
    context: { time: '1985-10-26T01:22-07:00' },
  },
]
/** §7.1: several, without defaults, with some, and with one that is overridden. */
const several: Body[] = [
  {
    evaluations: files.map((file) => ({
      subject: alice('acmecorp.com'),
      action: read,
      resource: document(file),
      context: time,
    })),
  },
  {
    subject: alice('acmecorp.com'),
    context: time,
    evaluations: files.map((file) => ({ action: read, resource: document(file) })),
  },
  {
    subject: alice('acmecorp.com'),
    context: time,
    action: read,
    evaluations: files.map((file, i) => ({ ...(i === 2 ? { action: edit } : {}), resource: document(file) })),
  },
]
/** §7.1.2: `read` on three documents, of which the second is denied; and the decisions that are shown. */
const semantics: [semantic: string, decisions: boolean[]][] = [
  ['execute_all', [true, false, true]],
  ['deny_on_first_deny', [true, false]],
  ['permit_on_first_permit', [true]],
]
const threeDocuments = (semantic: string) => ({
  subject: alice('example.com'),
  action: { name: 'read' },
  options: { evaluations_semantic: semantic },
  evaluations: ['1', '2', '3'].map((id) => ({ resource: document(id) })),
})

/** §6.2 and §7.2, and the OpenAPI document beside the standard. */
const answer = {
  type: 'object',
  required: ['decision'],
  properties: { decision: { type: 'boolean' }, context: { type: 'object' } },
}
const answers = {
  type: 'object',
  required: ['evaluations'],
  properties: { evaluations: { type: 'array', items: answer } },
}

describe('journey: the examples of AuthZEN', () => {
  let provider: Provider
  let service: Service
  let world: World
  let server: ResourceServer
  let token: string
  const ajv = new Ajv2020()

  before(async () => {
    provider = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
    server = await resourceServer(world, 'pep')
    token = await world.granted(world.token())
    await world.make('/teams', { name: 'ops' })
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  for (const [i, request] of single.entries())
    it(`evaluation ${i + 1}: a no in the standard’s form, since nobody here is alice`, async () => {
      const { status, headers, body } = await server.post('/access/v1/evaluation', request)
      expect(status).to.equal(200)
      expect(headers.get('content-type')).to.match(/^application\/json/)
      expect(ajv.validate(answer, body)).to.equal(true)
      expect(body).to.deep.equal({ decision: false, context: { reason: 'subject_unknown' } })
    })

  for (const [i, request] of several.entries())
    it(`evaluations ${i + 1}: as many answers as questions`, async () => {
      const { status, body } = await server.post('/access/v1/evaluations', request)
      expect(status).to.equal(200)
      expect(ajv.validate(answers, body)).to.equal(true)
      expect((body.evaluations as Body[]).map(({ decision }) => decision)).to.deep.equal([false, false, false])
    })

  it('evaluations: defaults and overrides count when the subject is ours', async () => {
    // What can_read and can_edit are there is read and write here; the files are projects.
    const narrow = await world.granted(world.token(), { scope: 'projects:read' })
    const ours = (request: Body): Body =>
      JSON.parse(
        JSON.stringify(request)
          .replaceAll('"user"', '"token"')
          .replaceAll('alice@acmecorp.com', narrow)
          .replaceAll('can_read', 'read')
          .replaceAll('can_edit', 'write')
          .replaceAll('"document"', '"project"')
          .replaceAll('.md', ''),
      )
    const decided = await Promise.all(
      several.map(async (request) => {
        const { body } = await server.post('/access/v1/evaluations', ours(request))
        return (body.evaluations as Body[]).map(({ decision }) => decision)
      }),
    )
    expect(decided).to.deep.equal([
      [true, true, true],
      [true, true, true],
      [true, true, false],
    ])
  })

  for (const [semantic, decisions] of semantics)
    it(`evaluations with ${semantic}: the decisions that the standard shows`, async () => {
      const place: Record<string, string> = { 1: 'ml/1', 2: 'ops/2', 3: 'ml/3' }
      const asIs = await server.post('/access/v1/evaluations', threeDocuments(semantic))
      expect(ajv.validate(answers, asIs.body)).to.equal(true)
      const request = threeDocuments(semantic)
      request.subject = { type: 'token', id: token }
      for (const { resource } of request.evaluations)
        Object.assign(resource, { type: 'project', id: place[resource.id] })
      const { body } = await server.post('/access/v1/evaluations', request)
      expect(ajv.validate(answers, body)).to.equal(true)
      expect((body.evaluations as Body[]).map(({ decision }) => decision)).to.deep.equal(decisions)
    })
})
