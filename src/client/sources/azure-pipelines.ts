import { SubjectTokenError } from '../federation-error.ts'
import type { SubjectTokenSource } from '../subject-token.ts'
import type { Environment } from '../surroundings.ts'
import { askPlatform, memberOf } from './ask-platform.ts'

const name = 'azure-pipelines'
/** Of all its tokens; it takes no other. */
const fixed = 'api://AzureADTokenExchange'

/** Azure Pipelines: the token of the pipeline itself, and of no service connection. */
export const azurePipelines: SubjectTokenSource = {
  name,
  missing: 'SYSTEM_TEAMFOUNDATIONCOLLECTIONURI is not set',
  detect: ({ env }) => Boolean(env.SYSTEM_TEAMFOUNDATIONCOLLECTIONURI),
  async getSubjectToken({ audience, signal }, here) {
    const { SYSTEM_ACCESSTOKEN: pass } = here.env
    // Unmapped, the text of the variable stands there as it was written.
    if (!pass?.trim() || pass.startsWith('$('))
      throw new SubjectTokenError(name, 'SYSTEM_ACCESSTOKEN is not set', {
        code: 'permission_missing',
        hint: 'a step gets it only when it asks: env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) }',
      })
    const text = await askPlatform(name, here, {
      url: urlOf(here.env),
      method: 'POST',
      headers: {
        authorization: `Bearer ${pass}`,
        accept: 'application/json',
        'content-type': 'application/json',
        // Else it sends us to a page to sign in at, instead of saying no.
        'x-tfs-fedauthredirect': 'Suppress',
      },
      signal,
      whenRefused:
        here.env.SYSTEM_PULLREQUEST_ISFORK?.toLowerCase() === 'true'
          ? 'builds of forks have a System.AccessToken of few rights: leave this step out there'
          : 'System.AccessToken is good for its own job, and while that runs',
    })
    const hint =
      audience === fixed
        ? undefined
        : `tokens of Azure Pipelines are for ${fixed}, whoever they are shown to: let the issuer accept that, and set COUNTERSIGN_AUDIENCE to it`
    return { token: memberOf(name, text, 'oidcToken'), hint }
  },
}

function urlOf(env: Environment): URL {
  const written = env.SYSTEM_OIDCREQUESTURI || madeUp(env)
  if (!URL.canParse(written)) throw new SubjectTokenError(name, 'SYSTEM_OIDCREQUESTURI is not a URL')
  const url = new URL(written)
  url.searchParams.set('api-version', '7.1')
  return url
}

/** As an agent before SYSTEM_OIDCREQUESTURI has its parts. */
function madeUp(env: Environment): string {
  const part = (variable: string) => {
    const value = env[variable]
    if (value) return encodeURIComponent(value)
    throw new SubjectTokenError(name, `neither SYSTEM_OIDCREQUESTURI nor ${variable} is set`)
  }
  const collection = env.SYSTEM_TEAMFOUNDATIONCOLLECTIONURI?.replace(/\/*$/, '/') ?? ''
  const [project, hub, plan, job] = [
    part('SYSTEM_TEAMPROJECTID'),
    part('SYSTEM_HOSTTYPE'),
    part('SYSTEM_PLANID'),
    part('SYSTEM_JOBID'),
  ]
  return `${collection}${project}/_apis/distributedtask/hubs/${hub}/plans/${plan}/jobs/${job}/oidctoken`
}
