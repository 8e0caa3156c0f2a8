import type { Right } from '../../../access/authority.ts'
import type { Kept } from '../../../accounts/model.ts'
import { Refusal } from '../../../errors/refusal.ts'
import { whereOf } from '../crud.ts'
import { type Place, type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'

type What = { path: string; tag: string; right: Right; type: string; at(place: Place): Kept | undefined }

/** Ends every token that stands for, or came from, one object. What is handed out after the answer lives. */
export function revokeRoute(rooms: Rooms, { path, tag, right, type, at }: What): Route {
  return route({
    method: 'post',
    path,
    tag,
    summary: 'Revoke every access token handed out so far',
    right,
    body: schemas.empty,
    answer: schemas.revoked,
    async run({ place, context, repeat }) {
      const target = at(place)
      if (!target) throw new Refusal('not_found')
      const { id, name } = target
      const body = await rooms.perform(
        context,
        async (work) => {
          const before = await work.revoke([id])
          await work.record(`${type}.revoke`, whereOf(place), { type, id, name })
          return { revoked_before: new Date(before).toISOString() }
        },
        repeat,
      )
      return { body }
    },
  })
}
