import type { Fill } from './commands.ts'
import { misuse } from './failure.ts'
import { fileText } from './file-text.ts'
import { failureOf } from './refused-call.ts'
import type { Session } from './session.ts'

type Options = { data?: string; ifMatch?: string; accept?: string }

/** One call of the API as it is: the body comes as it came, a refusal has the same exit codes as everywhere. */
export const api: Fill = (command, act) =>
  command
    .description('one call of the API, as it is; countersign api GET /api/v1/openapi.json describes it')
    .argument('<method>', 'GET, POST, PUT, PATCH, DELETE')
    .argument('<path>', 'from /; {org} stands for the organization')
    .option('-d, --data <json>', 'the body: JSON, @FILE, or - for standard input')
    .option('--if-match <etag>', 'only if it is still this version')
    .option('--accept <type>', 'what the answer should be: application/x-ndjson')
    .addHelpText('after', examples)
    .action(
      act(async (session, method: string, path: string, options: Options) => {
        const { secret } = session.aim()
        const client = session.client()
        const target = await targetOf(session, path)
        const text = options.data === undefined ? undefined : await bodyOf(session, options.data)
        const reply = await client.ask(method.toUpperCase(), target, {
          ...(text === undefined ? {} : { text }),
          ...(options.accept === undefined ? {} : { accept: options.accept }),
          ifMatch: options.ifMatch,
        })
        if (reply.status < 200 || reply.status > 299) throw failureOf(reply, target, secret)
        if (reply.text === '') return
        const isJson = /[/+]json\b/.test(reply.headers.get('content-type') ?? '')
        if (!isJson) session.io.stdout.write(reply.text)
        else if (session.isForPrograms) await session.show(JSON.parse(reply.text))
        else session.data(JSON.stringify(JSON.parse(reply.text), null, 2))
      }),
    )

async function targetOf(session: Session, path: string): Promise<string> {
  if (!path.startsWith('/')) throw misuse(`${path}: a path begins with /`, 'it is below the URL of the service')
  const named = path.includes('{org}') ? path.replaceAll('{org}', encodeURIComponent(await session.org())) : path
  const { pathname, search, origin } = new URL(named, 'http://service')
  // What begins with // would name another host, and get the key.
  if (origin !== 'http://service') throw misuse(`${path} is no path`)
  return pathname + search
}

async function bodyOf({ io }: Session, data: string): Promise<string> {
  if (data === '-') return io.stdin.text()
  return data.startsWith('@') ? fileText(io, data.slice(1)) : data
}

const examples = `
Examples:
  countersign api GET '/api/v1/orgs/{org}/teams?limit=1'
  countersign api POST '/api/v1/orgs/{org}/teams' -d '{"name":"ml"}'
  countersign api PATCH '/api/v1/orgs/{org}/issuers/ci' -d @issuer.json`
