import { type Applied, applyFile, pathInBody, planWith, refuseFaults } from '../../../files/apply.ts'
import type { OrganizationDocument } from '../../../files/document.ts'
import { exportDocument, yamlOf } from '../../../files/export-document.ts'
import { judgeDocument } from '../../../files/judge-document.ts'
import { summaryOf } from '../../../files/plan.ts'
import { readRows, stateTag } from '../../../files/rows.ts'
import { replayOf } from '../file-replay.ts'
import { type Place, type Request, type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'

const tag = 'Files'
const path = '/orgs/{org}'

/** An organization as a file: what would change, the change, and the file that would change nothing. */
export function fileRoutes(rooms: Rooms): Route[] {
  const { reading, perform, presets, network, keys, publicUrl } = rooms
  const outside = ({ org }: Place) => ({ org, presets, network, publicUrl: publicUrl() })
  const askOf = ({ body, caller }: Request<{ prune: boolean; source: string }, unknown>) => ({
    prune: body.prune,
    source: body.source,
    mostChanges: rooms.mostChanges,
    actorId: 'id' in caller ? caller.id : undefined,
  })
  /** Keys as after a change by hand; that they cannot be had is no fault of the file. */
  async function followIssuers({ changes }: Shown, { org }: Place): Promise<void> {
    const touched = changes.filter(({ kind }) => kind === 'issuer')
    await Promise.all(
      touched.map(async ({ action, path, id }) => {
        if (action === 'delete' && id !== undefined) return keys.forget(id)
        const row = await reading.issuers.find({ orgId: org.id }, path.split('/')[1] ?? '')
        if (row && !row.enabled) return keys.forget(row.id)
        if (row?.jwks !== null || action !== 'create') return
        await rooms.fetchAllowed(org.id)
        await keys.refresh(row)
      }),
    ).catch(() => {})
  }
  return [
    route({
      method: 'post',
      path: `${path}/plan`,
      tag,
      summary: 'What would have to change for the organization to be what the file says',
      changes: false,
      right: 'orgAdmin',
      body: schemas.filePlan,
      answer: schemas.plannedFile,
      async run(request) {
        const { body, place } = request
        const document = await documentIn(body)
        const planned = await planWith(reading, document, outside(place), askOf(request))
        const faults = planned.plan.faults.map(({ path, message }) => ({ path: pathInBody(path), message }))
        const replay = body.days === 0 ? null : await replayOf(planned.plan, rooms.replay, place.org, body.days)
        return { body: { ...shownOf(planned), faults, replay }, etag: planned.state }
      },
    }),
    route({
      method: 'post',
      path: `${path}/apply`,
      tag,
      summary: 'Change the organization to what the file says: all of it, or nothing',
      right: 'orgAdmin',
      body: schemas.fileApply,
      answer: schemas.appliedFile,
      async run(request) {
        const { body, place, ifMatch, repeat } = request
        const document = await documentIn(body)
        const context = { ...request.context, changing: 'from file' as const }
        let isRepeated = true
        const shown = await perform(
          context,
          async (work) => {
            isRepeated = false
            const applied = await applyFile(work, document, outside(place), { ...askOf(request), ifMatch })
            return shownOf(applied)
          },
          repeat,
        )
        if (!isRepeated) await followIssuers(shown, place)
        return { body: { ...shown }, etag: shown.state }
      },
    }),
    route({
      method: 'get',
      path: `${path}/export`,
      tag,
      summary: 'The organization as a file (application/yaml too); applied, it changes nothing',
      right: 'orgAdmin',
      answer: schemas.exportedFile,
      async run({ place, accept }) {
        const rows = await readRows(reading, place.org.id)
        const document = exportDocument(rows, outside(place))
        const etag = stateTag(place.org.id, rows)
        if (accept !== 'application/yaml') return { body: document, etag }
        return { yaml: yamlOf(document, `${publicUrl()}/api/v1/schemas/organization.json`), etag }
      },
    }),
  ]
}

/** Throws Refusal('body_invalid') with every fault. */
async function documentIn({ document }: { document: unknown }): Promise<OrganizationDocument> {
  const judged = await judgeDocument(document)
  if (judged.ok) return judged.document
  refuseFaults(judged.faults)
  throw new Error('a document that cannot be has no fault')
}

type Shown = ReturnType<typeof shownOf>

const shownOf = ({ plan, state, findings }: Applied) => ({
  changes: plan.steps.map(({ change, there }) => ({ ...change, ...(there ? { id: there.id } : {}) })),
  summary: summaryOf(plan),
  findings,
  state,
})
