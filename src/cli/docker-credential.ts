/**
 * The protocol of docker-credential-helpers: a verb, a server on stdin, JSON on stdout, and what went wrong on stdout too,
 * where Docker looks for it. Nothing is kept: each credential is the job's own, as long as it lives.
 */
import type { Fill } from './commands.ts'
import { complaintOf } from './complaint.ts'
import { type CredentialOptions, credentialFor, hostsIn, withHostOption } from './credentials/credential.ts'
import { placeOf } from './credentials/hosts.ts'
import type { Session } from './session.ts'
import { exit } from './terminal.ts'
import { versionText } from './version.ts'

/** Docker knows it word for word, and goes on without a credential. */
const notFound = 'credentials not found in native keychain'

export const dockerCredential: Fill = (command, act) =>
  withHostOption(command)
    .description('a credential helper of Docker and of what speaks like it; docker-credential-countersign on the PATH')
    .argument('<action>', 'get, store, erase, list or version')
    .addHelpText('after', examples)
    .action(
      act(async (session, action: string, options: CredentialOptions) => {
        try {
          return await answer(session, action, options)
        } catch (error) {
          const { line, more, code } = complaintOf(error)
          session.data([`countersign: ${line}`, ...more].join('\n'))
          return code
        }
      }),
    )

async function answer(session: Session, action: string, options: CredentialOptions): Promise<number> {
  switch (action) {
    case 'get': {
      const server = (await session.io.stdin.text()).trim()
      if (server === '') return failing(session, 'no credentials server URL')
      const found = await credentialFor(session, options, placeOf(server))
      if (found === undefined) return failing(session, notFound)
      session.data(JSON.stringify({ ServerURL: server, Username: found.username, Secret: found.token.token }))
      return exit.done
    }
    case 'list': {
      const servers = hostsIn(session, options).map(({ written }) => [written, 'api'])
      session.data(JSON.stringify(Object.fromEntries(servers)))
      return exit.done
    }
    case 'store':
      // Read, so that the writer's pipe does not break; and forgotten.
      await session.io.stdin.text()
      return failing(session, 'no credential is kept: one is made when it is asked for')
    case 'erase':
      await session.io.stdin.text()
      return exit.done
    case 'version':
      session.data(`docker-credential-countersign (countersign) ${versionText()}`)
      return exit.done
    default:
      return failing(session, `Unknown credential action \`${action}\``)
  }
}

function failing(session: Session, line: string): number {
  session.data(line)
  return exit.failed
}

const examples = `
In ~/.docker/config.json: {"credHelpers": {"registry.example": "countersign"}}

Examples:
  export COUNTERSIGN_CREDENTIAL_HOSTS=registry.example=https://registry.example
  echo registry.example | countersign docker-credential get`
