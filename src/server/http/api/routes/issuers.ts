import type { JsonObject } from '../../../../protocol/json.ts'
import {
  byItself,
  changeIssuer,
  draftOf,
  refuseUnusable,
  registerIssuer,
  tellOfRefresh,
} from '../../../admin/issuers.ts'
import { createJudge } from '../../../admin/judging.ts'
import { refuseManagedPolicies } from '../../../admin/managed.ts'
import { etagOf } from '../../../admin/noun.ts'
import * as nouns from '../../../admin/nouns.ts'
import { ownAudiences } from '../../../admin/own-audiences.ts'
import type { Tallies } from '../../../audit/tally.ts'
import { Refusal } from '../../../errors/refusal.ts'
import type { Registration } from '../../../issuers/model.ts'
import { crud, given, whereOf } from '../crud.ts'
import { newRowOf, rowOf } from '../issuer-rows.ts'
import { type Place, type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'
import { discoverRoute } from './discover.ts'
import { issuerDependantsRoute } from './issuer-dependants.ts'
import { issuerHealthRoute } from './issuer-health.ts'
import { revokeRoute } from './revoke.ts'

const path = '/orgs/{org}/issuers'
const tag = 'Issuers'

export function issuerRoutes(rooms: Rooms, tallies: Tallies): Route[] {
  const { reading, perform, keys, presets, publicUrl } = rooms
  const judge = createJudge(rooms)
  const more = (row: Registration) => ({ health: { ...keys.health(row) } as unknown as JsonObject })
  const { list, read, erase, made } = crud<Registration>(rooms, reading.issuers, {
    tag,
    path,
    param: 'issuer',
    searched: true,
    schema: schemas.issuer,
    rights: { read: 'anyTeamAdmin', change: 'orgAdmin' },
    managed: true,
    at: ({ issuer }) => issuer,
    under: ({ org }) => ({ orgId: org.id }),
    noun: async () => nouns.issuer,
    removing: refuseManagedPolicies,
    more,
    alone: async (row, { org }) => ({ findings: judge.issuer(row, org) }),
    removed: ({ id }) => keys.forget(id),
  })
  const there = ({ issuer }: Place): Registration => {
    if (!issuer) throw new Refusal('not_found')
    return issuer
  }

  return [
    list,
    route({
      method: 'post',
      path,
      tag,
      summary: 'Register an issuer; its keys are fetched once, and the answer says how that went (health)',
      right: 'orgAdmin',
      body: schemas.newIssuer,
      query: schemas.verifyQuery,
      answer: schemas.issuer,
      status: 201,
      async run({ body, query, place, context, repeat }) {
        const draft = draftOf(newRowOf(body), place.org, publicUrl(), presets)
        refuseUnusable(draft, rooms.network)
        if (draft.jwks === null) await rooms.fetchAllowed(place.org.id)
        if (query.verify === 'require') {
          const { ok, steps } = await keys.probe(draft)
          if (!ok) throw new Refusal('issuer_unreachable', { says: steps.find((step) => !step.ok)?.message ?? '' })
        }
        let isRepeated = true
        const { row, findings } = await perform(
          context,
          (work) => {
            isRepeated = false
            return registerIssuer(work, whereOf(place) as never, draft, publicUrl(), {
              judge,
              overrideReason: body.override_reason,
            })
          },
          repeat,
        )
        if (!isRepeated) await keys.refresh(row)
        return made(place, row, { findings })
      },
    }),
    read,
    route({
      method: 'patch',
      path: `${path}/{issuer}`,
      tag,
      summary: 'Change; the issuer URL stays, since it is what its tokens are trusted for',
      right: 'orgAdmin',
      body: schemas.issuerPatch,
      query: schemas.forceQuery,
      answer: schemas.issuer,
      async run({ body, place, context, ifMatch }) {
        const row = there(place)
        const audiences = body.audiences === null ? ownAudiences(place.org, publicUrl()) : body.audiences
        const preset = body.preset === null ? byItself(presets, row.issuer).preset : body.preset
        const own = byItself(presets, row.issuer, preset ?? row.preset)
        const max_token_age = body.max_token_age === null ? own.maxTokenAge : body.max_token_age
        const changes = given<Registration>(rowOf({ ...body, audiences, preset, max_token_age }))
        refuseUnusable({ ...row, ...changes }, rooms.network)
        const how = { judge, overrideReason: body.override_reason }
        const { row: after, findings } = await perform(context, (work) =>
          changeIssuer(work, whereOf(place) as never, row.id, changes, publicUrl(), how, ifMatch),
        )
        if (!after.enabled) keys.forget(row.id)
        return { body: { ...nouns.issuer.shown(after), ...more(after), findings }, etag: etagOf(after) }
      },
    }),
    erase,
    discoverRoute(rooms),
    issuerHealthRoute(rooms),
    issuerDependantsRoute(rooms, tallies),
    route({
      method: 'post',
      path: `${path}/{issuer}/check`,
      tag,
      summary: 'Fetch now, and report each step',
      changes: false,
      right: 'orgAdmin',
      body: schemas.empty,
      answer: schemas.check,
      async run({ place }) {
        await rooms.fetchAllowed(place.org.id)
        const { ok, steps, keys: found } = await keys.probe(there(place))
        return { body: { ok, steps, keys: found } }
      },
    }),
    route({
      method: 'post',
      path: `${path}/{issuer}/refresh`,
      tag,
      summary: 'Drop the cached keys and fetch',
      right: 'orgAdmin',
      body: schemas.empty,
      answer: schemas.issuer,
      async run({ place, context, repeat }) {
        const row = there(place)
        await rooms.fetchAllowed(place.org.id)
        let isRepeated = true
        await perform(
          context,
          async (work) => {
            isRepeated = false
            await work.record('issuer.refresh', whereOf(place), { type: 'issuer', id: row.id, name: row.name })
            return {}
          },
          repeat,
        )
        if (!isRepeated) await keys.refresh(row)
        if (!isRepeated) await tellOfRefresh(perform, context, row.id)
        return { body: { ...nouns.issuer.shown(row), ...more(row) }, etag: etagOf(row) }
      },
    }),
    revokeRoute(rooms, {
      path: `${path}/{issuer}/revoke`,
      tag,
      right: 'orgAdmin',
      at: ({ issuer }) => issuer,
      type: 'issuer',
    }),
  ]
}
