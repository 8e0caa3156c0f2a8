/**
 * Why a token is granted or refused. The token comes by standard input or from a file, never as an argument; a request id
 * is no secret. Ends with 0 when it is granted, 5 when it is refused.
 */
import type { JsonObject } from '../protocol/json.ts'
import type { Fill } from './commands.ts'
import { explainedText } from './explained-text.ts'
import { misuse } from './failure.ts'
import { fileText } from './file-text.ts'
import type { Session } from './session.ts'
import { exit } from './terminal.ts'

type Options = { offline?: string; file?: string; sa?: string; scope?: string; resource?: string; policy?: string }

export const explain: Fill = (command, act) =>
  command
    .description('why a token is granted or refused, step by step; nothing is minted, and the token is not used up')
    .argument('[request-id]', 'of an exchange in the audit trail; none: a token by standard input')
    .option('--file <file>', 'the token, in a file')
    .option('--sa <account>', 'the service account that the exchange asks for: its id, or team/name')
    .option('--scope <scope>', 'what the exchange asks for')
    .option('--resource <audience>', 'whom it asks for')
    .option('--offline <file>', 'ask nobody: by the policies of an organization in a file; a token, or claims as JSON')
    .option(
      '--policy <file>',
      'a policy to try beside the others: YAML or JSON with issuer, service_account, subject, …',
    )
    .action(
      act(async (session, requestId: string | undefined, options: Options) => {
        const { sa, scope, resource, policy, offline } = options
        if (offline !== undefined) return tell(session, await byFile(session, offline, requestId, options))
        const body: JsonObject = {
          ...(await proof(session, requestId, options)),
          ...(sa === undefined ? {} : { service_account: sa }),
          ...(scope === undefined ? {} : { scope }),
          ...(resource === undefined ? {} : { resource }),
          ...(policy === undefined ? {} : { policy: await policyIn(session, policy) }),
        }
        return tell(session, await session.client().call('POST', await session.inOrg('explain'), { body }))
      }),
    )

async function tell(session: Session, answer: JsonObject): Promise<number> {
  if (session.isForPrograms) await session.show(answer)
  else session.data(explainedText(answer, session.io))
  return answer.outcome === 'granted' ? exit.done : exit.refused
}

async function byFile(session: Session, file: string, requestId: string | undefined, options: Options) {
  if (requestId !== undefined || options.policy !== undefined)
    throw misuse('--offline has no audit trail, and tries no policy but those of its file')
  const { assertion } = await proof(session, undefined, options)
  const { offline } = await import('./explain-offline.ts')
  return offline(session, file, String(assertion), options)
}

async function proof({ io }: Session, request_id: string | undefined, { file }: Options): Promise<JsonObject> {
  if (request_id !== undefined) {
    if (file !== undefined) throw misuse('either a request id or --file')
    // Whoever pastes a token here has it in the history of their shell.
    if (/^[\w-]+\.[\w-]+\./.test(request_id))
      throw misuse('a token is not given as an argument, which every process list shows', 'countersign explain < FILE')
    return { request_id }
  }
  if (file === undefined && io.stdin.isTTY)
    throw misuse('give a request id, or the token by standard input', 'countersign explain --file FILE')
  const assertion = (await fileText(io, file ?? '-')).trim()
  if (assertion === '') throw misuse('there is no token in what was given')
  return { assertion }
}

async function policyIn({ io }: Session, file: string): Promise<JsonObject> {
  const text = await fileText(io, file)
  const { parse } = await import('yaml')
  try {
    const read: unknown = parse(text)
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return read as JsonObject
  } catch (error) {
    throw misuse(`${file}: ${(error as Error).message}`)
  }
  throw misuse(`${file} holds no policy`)
}
