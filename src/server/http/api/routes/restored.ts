import { acknowledgeRestore, aheadAtMost, restoredIn, revokeAll, sentenceOf } from '../../../admin/restored.ts'
import { Refusal } from '../../../errors/refusal.ts'
import { type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'

const tag = 'Installation'

/** What a restore from a backup has left unknown, and what the operator does about it. */
export function restoredRoutes({ perform, reading, now }: Rooms): Route[] {
  const shown = async () => {
    const restored = await restoredIn(reading.values)
    return { restored: restored ? { ...restored, message: sentenceOf(restored) } : null }
  }
  return [
    route({
      method: 'get',
      path: '/installation',
      tag,
      summary: 'Whether it was restored from a backup, and what it cannot know since',
      right: 'operator',
      answer: schemas.installation,
      run: async () => ({ body: await shown() }),
    }),
    route({
      method: 'patch',
      path: '/installation',
      tag,
      summary: 'Acknowledge a restore (restored: null): it is then not said any more',
      right: 'operator',
      body: schemas.acknowledgement,
      answer: schemas.installation,
      async run({ body, context }) {
        if (body.restored === null) await perform(context, acknowledgeRestore)
        return { body: await shown() }
      },
    }),
    route({
      method: 'post',
      path: '/installation/revoke',
      tag,
      summary: 'Revoke every access token of the installation that was minted at or before a time',
      right: 'operator',
      body: schemas.revokeBefore,
      answer: schemas.revoked,
      async run({ body, context, repeat }) {
        const until = Date.parse(body.before)
        if (until > now() + aheadAtMost)
          throw new Refusal('body_invalid', { errors: [{ path: 'before', message: 'must not be in the future' }] })
        return { body: await perform(context, (work) => revokeAll(work, until), repeat) }
      },
    }),
  ]
}
