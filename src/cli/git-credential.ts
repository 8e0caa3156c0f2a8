/**
 * git's protocol of credential helpers (gitcredentials(7), git-credential(1)): attributes as lines on stdin and stdout. A
 * host that was not named gets no answer, and git asks elsewhere. Nothing is kept.
 */
import type { Fill } from './commands.ts'
import { type CredentialOptions, credentialFor, withHostOption } from './credentials/credential.ts'
import { type Place, placeOf } from './credentials/hosts.ts'
import { misuse } from './failure.ts'

export const gitCredential: Fill = (command, act) =>
  withHostOption(command)
    .description('a credential helper of git; credential.helper "countersign" finds it by git-credential-countersign')
    .argument('<operation>', 'get, store or erase; any other is passed over, as git wants it')
    .addHelpText('after', examples)
    .action(
      act(async (session, operation: string, options: CredentialOptions) => {
        if (operation !== 'get' && operation !== 'erase') return
        const asked = attributesIn(await session.io.stdin.text())
        if (operation === 'erase') {
          // What was refused is not to come again out of the file.
          if (options.cache) await credentialFor(session, options, placeIn(asked), { isFresh: true })
          return
        }
        const found = await credentialFor(session, options, placeIn(asked))
        if (found === undefined) return
        const { token, expiresAt } = found.token
        session.data(
          [
            `username=${asked.get('username') || found.username}`,
            `password=${token}`,
            `password_expiry_utc=${Math.floor(expiresAt.getTime() / 1000)}`,
          ].join('\n'),
        )
      }),
    )

/** Up to an empty line, or the end. Throws Failure. */
function attributesIn(text: string): Map<string, string> {
  const attributes = new Map<string, string>()
  for (const line of text.split('\n')) {
    if (line === '') break
    const at = line.indexOf('=')
    if (at < 1) throw misuse('standard input: lines of name=value are wanted, as git writes them')
    attributes.set(line.slice(0, at), line.slice(at + 1))
  }
  return attributes
}

/** undefined: not by http, or no host. */
function placeIn(asked: ReadonlyMap<string, string>): Place | undefined {
  const [protocol, host, path] = ['protocol', 'host', 'path'].map((name) => asked.get(name) ?? '')
  if ((protocol !== 'https' && protocol !== 'http') || host === '') return undefined
  return placeOf(`${protocol}://${host}${path ? `/${path}` : ''}`)
}

const examples = `
A path in an entry holds where git tells of paths: git config credential.useHttpPath true

Examples:
  export COUNTERSIGN_CREDENTIAL_HOSTS=git.example=https://git.example
  git -c credential.helper=countersign clone https://git.example/acme/app.git`
