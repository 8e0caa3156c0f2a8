/** Addresses of pipelines, workspaces and apps. */
import { type Address, mainIsTaken, type Place } from './reading.ts'

const forges: Readonly<Record<string, string>> = {
  github: 'github.com',
  gh: 'github.com',
  bitbucket: 'bitbucket.org',
  bb: 'bitbucket.org',
}
const isName = (text: string) => /^[\w.-]+$/.test(text)

/** `/pipelines/github/acme/app`, `/settings/project/github/acme/app`, `/gh/acme/app`. */
export function readCircleci({ path, query }: Address): Place | undefined {
  const [forge = '', owner = '', repo = ''] = path.slice(path.findIndex((part) => Object.hasOwn(forges, part)))
  const origin = Object.hasOwn(forges, forge) ? forges[forge] : undefined
  if (origin === undefined || !isName(owner) || !isName(repo)) return undefined
  const branch = query.get('branch')
  return {
    preset: 'circleci',
    is: `the project ${owner}/${repo}`,
    known: { vcs_origin: `${origin}/${owner}/${repo}`, vcs_ref: `refs/heads/${branch ?? 'main'}` },
    notes: [
      ...(branch ? [] : [mainIsTaken]),
      'The id of the project stands under Project Settings, Overview; that of the organization under Organization Settings.',
    ],
  }
}

export function readBuildkite({ path, query }: Address): Place | undefined {
  const [first = '', organization = '', pipeline = ''] = path[0] === 'organizations' ? path : ['', ...path]
  if (!isName(organization) || !isName(pipeline) || ['docs', 'user', 'login'].includes(organization)) return undefined
  const branch = query.get('branch')
  // Of an organization's own pages: /organizations/ORG/pipelines/PIPELINE.
  const name = first === 'organizations' && pipeline === 'pipelines' ? path[3] : pipeline
  if (name === undefined || !isName(name)) return undefined
  return {
    preset: 'buildkite',
    is: `the pipeline ${organization}/${name}`,
    known: {
      organization,
      pipeline: name,
      organization_slug: organization,
      pipeline_slug: name,
      ref: `refs/heads/${branch ?? 'main'}`,
      build_branch: branch ?? 'main',
    },
    notes: [
      ...(branch ? [] : [mainIsTaken]),
      'The ids are in a token only when the job asks for them, with --claim; they stand in the settings, and in the GraphQL API.',
    ],
  }
}

/** `/app/ORG/workspaces/NAME`, or `/app/ORG/PROJECT/workspaces/NAME`. */
export function readTerraform({ host, path }: Address): Place | undefined {
  const [app, organization = ''] = path
  const workspace = path[path.indexOf('workspaces') + 1]
  if (app !== 'app' || !isName(organization) || !path.includes('workspaces') || !workspace || !isName(workspace))
    return undefined
  return {
    preset: 'hcp-terraform',
    host,
    is: `the workspace ${organization}/${workspace}`,
    known: { organization, workspace, project: 'Default Project' },
    notes: [
      'The address names no project: “Default Project” is taken, as workspaces have by themselves.',
      'The id of the workspace stands on its page; only the apply phase is let in.',
    ],
    look: `curl -s -H "Authorization: Bearer $TFE_TOKEN" https://${host}/api/v2/organizations/${organization}/workspaces/${workspace} | jq '{workspace_id: .data.id}'`,
  }
}

export function readVercel({ path }: Address): Place | undefined {
  const [team = '', project = ''] = path
  const own = ['docs', 'dashboard', 'account', 'teams', 'new', 'blog', 'templates', 'login']
  if (!isName(team) || !isName(project) || own.includes(team) || project.startsWith('~')) return undefined
  return {
    preset: 'vercel',
    is: `the project ${team}/${project}, in production`,
    known: { team, project, owner: team },
    notes: ['The ids stand under Settings, General, of the team and of the project.'],
  }
}

/** `fly.io/apps/APP`, or `APP.fly.dev`. */
export function readFly({ host, path }: Address): Place | undefined {
  const app = host.endsWith('.fly.dev') ? host.slice(0, -'.fly.dev'.length) : path[0] === 'apps' ? path[1] : undefined
  if (app === undefined || !/^[a-z0-9-]+$/.test(app)) return undefined
  return {
    preset: 'fly',
    is: `the app ${app}`,
    known: { app, app_name: app },
    notes: ['The ids are in a token of the app: print one on a machine, and paste it here.'],
  }
}
