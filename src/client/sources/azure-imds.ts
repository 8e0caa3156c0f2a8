/**
 * Virtual machines of Azure: the instance metadata service
 * (learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token). By name only: any program of
 * the machine gets the token of any identity of the machine, so that it is nothing to fall into.
 */
import type { SubjectTokenSource } from '../subject-token.ts'
import type { Surroundings } from '../surroundings.ts'
import { audienceNeeded } from './audience-needed.ts'
import { callPlatform, metadataTimeout, platformUrl } from './call-platform.ts'
import { entraToken, identityQuery } from './entra-token.ts'

const name = 'azure-imds'
const what = 'the instance metadata service'

export const azureImds: SubjectTokenSource = {
  name,
  async getSubjectToken(ask, here) {
    const resource = audienceNeeded(name, ask)
    const host = here.env.AZURE_POD_IDENTITY_AUTHORITY_HOST || 'http://169.254.169.254'
    const url = new URL('/metadata/identity/oauth2/token', platformUrl(name, 'AZURE_POD_IDENTITY_AUTHORITY_HOST', host))
    await knock(here, url, ask.signal)
    const answer = await callPlatform(name, here, {
      what,
      url: identityQuery(url, '2018-02-01', resource, here.env),
      headers: { metadata: 'true', accept: 'application/json' },
      signal: ask.signal,
    })
    return entraToken(name, resource, answer)
  },
}

/** As @azure/identity does: without its header it refuses at once, if it is there. A token may take its time, and this may not. */
async function knock(here: Surroundings, url: URL, signal: AbortSignal): Promise<void> {
  await callPlatform(name, here, {
    what,
    url,
    headers: { accept: 'application/json' },
    signal,
    timeout: metadataTimeout,
    whenSilent: 'it is on machines of Azure alone; elsewhere, name another source with COUNTERSIGN_SOURCE',
  })
}
