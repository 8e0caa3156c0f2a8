import { SubjectTokenError } from '../federation-error.ts'
import type { SubjectToken } from '../subject-token.ts'
import type { Environment } from '../surroundings.ts'
import { isPassing, membersOf, type PlatformAnswer } from './call-platform.ts'

/** The query that App Service and the metadata service understand alike. AZURE_CLIENT_ID: of a user-assigned identity. */
export function identityQuery(url: URL, version: string, resource: string, { AZURE_CLIENT_ID }: Environment): URL {
  const asked = new URL(url)
  asked.searchParams.set('api-version', version)
  asked.searchParams.set('resource', resource)
  if (AZURE_CLIENT_ID) asked.searchParams.set('client_id', AZURE_CLIENT_ID)
  return asked
}

/**
 * The token of a managed identity. Throws SubjectTokenError: with what the answer calls it (`error`), and nothing else of
 * it, since descriptions may hold anything.
 */
export function entraToken(source: string, resource: string, { status, text }: PlatformAnswer): SubjectToken {
  const { access_token, error } = membersOf(text)
  if (status === 200 && typeof access_token === 'string') return { token: access_token.trim() }
  const word = typeof error === 'string' && /^[\w-]{1,60}$/.test(error) ? `${status} ${error}` : String(status)
  const fail = (message: string, code: string, hint: string) => new SubjectTokenError(source, message, { code, hint })
  if (error === 'invalid_resource')
    return refuse(
      fail(
        `Entra ID knows no application called ${resource}`,
        'audience_not_registered',
        'register an application in Entra ID that has this Application ID URI, or set COUNTERSIGN_AUDIENCE to the URI of the one that stands for Countersign, and let the issuer accept that (tokens of version 2: its client id)',
      ),
    )
  // Those that Microsoft's guidance wants tried again: 404 and 410 while the endpoint is being updated.
  const isUnavailable = isPassing(status) || status === 404 || status === 410
  if (status === 200 || isUnavailable)
    throw new SubjectTokenError(source, `no token came (${word})`, {
      code: 'platform_unavailable',
      isUnavailable: true,
    })
  throw fail(
    `no token was given (${word})`,
    'no_platform_identity',
    'turn on the system-assigned identity, or set AZURE_CLIENT_ID to the client id of a user-assigned one that is assigned here',
  )
}

function refuse(error: SubjectTokenError): never {
  throw error
}
