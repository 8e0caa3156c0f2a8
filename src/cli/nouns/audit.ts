import { type Command, Option } from 'commander'
import type { Fill } from '../commands.ts'
import { at, type Session } from '../session.ts'
import { countOf, type Options } from './verbs.ts'

const columns = ['at', 'type', 'result', 'reason', ['actor', 'actor.name'], ['target', 'target.name'], 'id'] as const

export const audit: Fill = (noun, act) => {
  filters(noun.command('list').alias('ls'))
    .description('the newest events')
    .option('--limit <n>', 'at most so many', countOf, 50)
    .action(
      act(async (session, options: Options & { limit?: number }) => {
        const path = await trail(session, options)
        await session.show(await session.client().all(path, filter(options), options.limit), columns)
      }),
    )
  filters(noun.command('export'))
    .description('all of it as JSON lines, oldest first')
    .addHelpText('after', '\nExamples:\n  countersign audit export --from 2026-11-01T00:00:00Z > november.jsonl')
    .action(
      act(async (session, options: Options) => {
        const ask = { query: filter(options), accept: 'application/x-ndjson' }
        for await (const text of session.client().stream(await trail(session, options), ask))
          session.io.stdout.write(text)
      }),
    )
  noun
    .command('verify')
    .description('check every chain of the trail, on a live database too; names the first break')
    .action(act(async () => (await import('../audit-verify.ts')).auditVerifyCommand()))
}

const filters = (command: Command): Command =>
  command
    .option('--from <time>', 'RFC 3339')
    .option('--to <time>', 'RFC 3339')
    .option('--type <type>', 'token.exchange, issuer.update, …')
    .option('--actor <actor>', 'its id or name')
    .option('--target <target>', 'its id or name')
    .addOption(new Option('--result <result>').choices(['granted', 'refused', 'done']))
    .option('--request-id <id>', 'of one request')
    .option('--installation', 'what belongs to no organization; for the operator')

function filter({ from, to, type, actor, target, result, requestId }: Options): Record<string, string> {
  const given = Object.entries({ from, to, type, actor, target, result, request_id: requestId })
  return Object.fromEntries(given.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

const trail = (session: Session, { installation }: Options) =>
  installation ? Promise.resolve(at('audit-events')) : session.inOrg('audit-events')
