import type { Fill } from '../commands.ts'
import { readContexts, writeContexts } from '../contexts.ts'
import { Failure } from '../failure.ts'
import { exit } from '../terminal.ts'

/** What login has kept: one for each service and organization. Their keys are never shown. */
export const context: Fill = (noun, act) => {
  noun.description('what login has kept, one for each service')
  noun
    .command('list')
    .alias('ls')
    .description('list')
    .action(
      act(async (session) => {
        const { contexts, current } = readContexts(session.io)
        const rows = Object.entries(contexts).map(([name, { url, org, expires_at }]) => ({
          name,
          current: name === current,
          url,
          org: org ?? null,
          expires_at: expires_at ?? null,
        }))
        await session.show(rows, ['name', 'current', 'url', 'org', ['expires', 'expires_at']])
      }),
    )
  noun
    .command('use')
    .description('make it the current one')
    .argument('<context>')
    .action(
      act(async (session, name: string) => {
        const { contexts } = readContexts(session.io)
        const chosen = contexts[name]
        if (!chosen)
          throw new Failure(`there is no context ${name}`, {
            exit: exit.notFound,
            code: 'not_found',
            hint: 'countersign context list; countersign login makes one',
          })
        writeContexts(session.io, { current: name, contexts })
        session.note(`${name}: ${chosen.url}`)
        if (session.io.env.COUNTERSIGN_URL) session.note('COUNTERSIGN_URL is set, and goes before it')
      }),
    )
}
