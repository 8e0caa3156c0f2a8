import { SubjectTokenError } from '../federation-error.ts'
import type { SubjectTokenSource } from '../subject-token.ts'
import type { Surroundings } from '../surroundings.ts'
import { askPlatform, memberOf } from './ask-platform.ts'
import { audienceNeeded } from './audience-needed.ts'

const name = 'github-actions'

/** GitHub Actions; also Forgejo and Gitea, whose runners set the same variables. */
export const githubActions: SubjectTokenSource = {
  name,
  missing: 'GITHUB_ACTIONS is not "true"',
  detect: ({ env }) => env.GITHUB_ACTIONS === 'true',
  async getSubjectToken(ask, here) {
    const { ACTIONS_ID_TOKEN_REQUEST_URL: written, ACTIONS_ID_TOKEN_REQUEST_TOKEN: pass } = here.env
    if (!written || !pass)
      throw new SubjectTokenError(name, 'this job may not ask for an ID token', {
        code: 'permission_missing',
        hint: await howToAllow(here),
      })
    if (!URL.canParse(written)) throw new SubjectTokenError(name, 'ACTIONS_ID_TOKEN_REQUEST_URL is not a URL')
    const url = new URL(written)
    // It has a query already.
    url.searchParams.set('audience', audienceNeeded(name, ask))
    const text = await askPlatform(name, here, {
      url,
      headers: { authorization: `Bearer ${pass}`, accept: 'application/json' },
      signal: ask.signal,
      whenRefused: 'the pass of this job (ACTIONS_ID_TOKEN_REQUEST_TOKEN) is not accepted: it ends with the job',
    })
    return { token: memberOf(name, text, 'value') }
  },
}

async function howToAllow(here: Surroundings): Promise<string> {
  const { FORGEJO_ACTIONS, GITHUB_EVENT_NAME: event } = here.env
  const isForgejo = FORGEJO_ACTIONS === 'true'
  const allow = isForgejo
    ? 'add `enable-openid-connect: true` to the workflow or to the job (Forgejo 15 or later)'
    : 'add `permissions: id-token: write` to the job'
  if (event === 'pull_request_target')
    return `${allow}; it then acts for your repository, and so must not run what the pull request brings`
  if (isForgejo || !event?.startsWith('pull_request')) return allow
  const fork = 'a pull request from a fork gets no ID token, whatever the workflow says'
  switch (await isFromFork(here)) {
    case true:
      return `${fork}: leave this step out there, and run it once the change is in a branch of your own`
    case false:
      return allow
    default:
      return `${allow}; ${fork}`
  }
}

/** undefined: the event does not tell. */
async function isFromFork({ env: { GITHUB_EVENT_PATH: path }, readFile }: Surroundings): Promise<boolean | undefined> {
  try {
    const event = JSON.parse((path && (await readFile(path))) || '{}')
    const [head, base] = [event.pull_request?.head?.repo, event.pull_request?.base?.repo]
    // A fork that was deleted is null.
    if (head === null && base) return true
    return head && base ? head.full_name !== base.full_name : undefined
  } catch {
    return undefined
  }
}
