/** Where this job runs, and what its platform calls it: never the token itself, nor its signature. */
import type { Tried } from '../client/federation-error.ts'
import type { Json, JsonObject } from '../protocol/json.ts'
import { withoutSecrets } from '../protocol/secret-text.ts'
import { printable } from './cell.ts'
import type { Fill } from './commands.ts'
import { type JobOptions, withSourceOptions } from './job/options.ts'
import { serviceUrlIfAny } from './job/provider.ts'
import { lookAround, type Subject, subjectIn } from './job/subject.ts'
import { aligned } from './output.ts'
import { exit } from './terminal.ts'

export const ambient: Fill = (command, act) =>
  withSourceOptions(command)
    .description('where this runs, and what its platform says of it; sends nothing to the service')
    .addHelpText('after', '\nExamples:\n  countersign ambient\n  countersign ambient --source github-actions -o json')
    .action(
      act(async (session, options: JobOptions) => {
        const around = await lookAround(session, options)
        const { source, others } = around
        const list = others.map(({ source: name, why }) => ({ source: name, why }))
        if (source === undefined) {
          if (session.isForPrograms) await session.show({ source: null, others: list })
          else session.data(`nothing here says who this job is\n\n${lines(others)}`)
          return exit.unauthenticated
        }
        const subject = await subjectIn(session, options, around)
        const found = { source, ...shown(subject, serviceUrlIfAny(session)) }
        await session.show(session.isForPrograms ? { ...found, others: list } : found)
        if (others.length > 0 && !session.isForPrograms) session.data(`\n${lines(others)}`)
        return exit.done
      }),
    )

const lines = (others: readonly Tried[]) =>
  aligned(others.map(({ source, why }) => ['-', printable(source), printable(why)]))

function shown({ type, claims, asked }: Subject, url: string | undefined): JsonObject {
  if (claims === undefined) return { type }
  const { iss = null, sub = null, aud = null, exp, ...more } = claims as Record<string, Json>
  return clean({
    type,
    issuer: iss,
    subject: sub,
    audience: aud,
    ...(asked === undefined || isFor(aud, asked) ? {} : { asked_for: asked }),
    expires_at: typeof exp === 'number' && exp < 1e11 ? new Date(exp * 1000).toISOString() : null,
    ...(url === undefined ? {} : { service: url }),
    claims: more,
  })
}

const isFor = (aud: Json, wanted: string) => (Array.isArray(aud) ? aud : [aud]).includes(wanted)

/** What a platform puts into a claim is shown; a secret that somebody has put there is not. */
const clean = (found: JsonObject) => JSON.parse(withoutSecrets(JSON.stringify(found))) as JsonObject
