import type { Right } from '../../../access/authority.ts'
import type { ApiKey, Kept, KeyOwner, ServiceAccount } from '../../../accounts/model.ts'
import { createKey, endLetIn, rotateKey } from '../../../admin/keys.ts'
import * as nouns from '../../../admin/nouns.ts'
import type { Work } from '../../../admin/perform.ts'
import { Refusal } from '../../../errors/refusal.ts'
import { crud, given, whereOf } from '../crud.ts'
import { type Place, type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'

type What = { path: string; right: Right; owner(place: Place): Kept | undefined; type: KeyOwner }

/** The keys of one owner. A secret is in the answer that makes it, and in no other. */
export function keyRoutes(rooms: Rooms, { path, right, owner, type }: What): Route[] {
  const tag = 'API keys'
  const ownerOf = (place: Place) => {
    const found = owner(place)
    if (!found) throw new Refusal('not_found')
    return { type, id: found.id, orgId: place.org.id }
  }
  const { list, read, erase, change, made } = crud<ApiKey>(rooms, rooms.reading.keys, {
    tag,
    path,
    param: 'key',
    schema: schemas.apiKey,
    rights: { read: right, change: right },
    at: ({ key }) => key,
    under: (place) => ({ orgId: place.org.id, ownerId: ownerOf(place).id }),
    noun: async () => nouns.apiKey,
    removing: (work, { id }, where) => endLetIn(work, where, id),
  })
  // By its id: after a rotation the name is its successor's.
  const shownOnce = ({ key, secret }: { key: ApiKey; secret: string }, place: Place) =>
    made(place, key, { secret }, key.id)
  const life = (text: string | null | undefined, now: number) => {
    const at = text ? Date.parse(text) : null
    if (at !== null && at <= now)
      throw new Refusal('body_invalid', { errors: [{ path: 'expires_at', message: 'must be in the future' }] })
    return at
  }
  return [
    list,
    route({
      method: 'post',
      path,
      tag,
      summary: 'Create; the secret is shown once',
      right,
      body: schemas.newKey,
      answer: schemas.createdKey,
      status: 201,
      async run({ body, place, context, repeat }) {
        const keyOwner = ownerOf(place)
        if ((owner(place) as Partial<ServiceAccount>).method === 'federated')
          throw new Refusal('body_invalid', { says: 'an External (federated) account cannot own API keys' })
        const expiresAt = life(body.expires_at, rooms.now())
        return shownOnce(
          await rooms.perform(
            context,
            (work) => createKey(work, whereOf(place), keyOwner, { name: body.name, expiresAt }),
            repeat,
          ),
          place,
        )
      },
    }),
    read,
    route({
      method: 'patch',
      path: `${path}/{key}`,
      tag,
      summary: 'Rename',
      right,
      body: schemas.keyPatch,
      answer: schemas.apiKey,
      run: (request) => change(request, () => given<ApiKey>({ name: request.body.name })),
    }),
    erase,
    route({
      method: 'post',
      path: `${path}/{key}/rotate`,
      tag,
      summary: 'Make a new key of the same owner; the old one dies after the overlap',
      right,
      body: schemas.rotateKey,
      answer: schemas.createdKey,
      status: 201,
      async run({ body, place, context, repeat, ifMatch }) {
        const { key } = place
        if (!key) throw new Refusal('not_found')
        const rotate = (work: Work) => rotateKey(work, whereOf(place), key.id, body.overlap_seconds, ifMatch)
        return shownOnce(await rooms.perform(context, rotate, repeat), place)
      },
    }),
  ]
}
