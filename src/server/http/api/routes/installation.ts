import type { Keyring } from '../../../tokens/keyring.ts'
import { type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'
import { whoIs } from '../who-is.ts'

export function installationRoutes(rooms: Rooms): Route[] {
  const { perform, keyring, reading } = rooms
  return [
    route({
      method: 'get',
      path: '/me',
      tag: 'Me',
      summary: 'Who is calling, with roles',
      right: 'anybody',
      answer: schemas.me,
      run: async ({ caller }) => ({ body: await whoIs(caller, (id) => reading.teams.find({}, id)) }),
    }),
    route({
      method: 'get',
      path: '/signing-keys',
      tag: 'Signing keys',
      summary: 'Our own keys; never a private half',
      right: 'operator',
      answer: schemas.listOf(schemas.signingKey),
      run: async () => ({ body: { items: shownKeys(keyring), next_cursor: null } }),
    }),
    route({
      method: 'post',
      path: '/signing-keys/rotate',
      tag: 'Signing keys',
      summary: 'Make the next key the signing one; emergency withdraws the old one, so that its tokens die',
      right: 'operator',
      body: schemas.rotateSigningKey,
      answer: schemas.rotation,
      async run({ body, context, repeat }) {
        const rotation = await perform(
          context,
          async (work) => {
            const done = await keyring.rotate(work.stores.signingKeys, body)
            await work.record(
              'signing_key.rotate',
              {},
              { type: 'signing_key', id: done.current },
              { ...done, emergency: body.emergency },
            )
            work.changed(null)
            return done
          },
          repeat,
        )
        await keyring.load()
        return { body: rotation }
      },
    }),
  ]
}

const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())

function shownKeys(keyring: Keyring) {
  const { rows, current, next } = keyring.state()
  return rows.map(({ kid, alg, publishedAt, activatesAt, withdrawnAt }) => ({
    kid,
    alg,
    state: withdrawnAt !== null ? 'withdrawn' : kid === current ? 'current' : kid === next ? 'next' : 'retired',
    published_at: iso(publishedAt),
    activates_at: iso(activatesAt),
    withdrawn_at: iso(withdrawnAt),
  }))
}
