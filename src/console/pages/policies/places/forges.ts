/** Addresses of repositories. */
import { type Address, after, mainIsTaken, type Place } from './reading.ts'

const pullRequestIs = 'The address is of a pull request; the policy is made for its repository, without pull requests.'
/** First parts of addresses that are nobody's name. */
const githubOwn = new Set(
  'settings orgs organizations enterprises marketplace topics features login apps sponsors about explore notifications users search collections new'.split(
    ' ',
  ),
)

/** github.com, `SUB.ghe.com`, and servers of one's own. */
export function readGithub({ host, path }: Address): Place | undefined {
  const [owner = '', named = '', ...below] = path
  const repo = named.replace(/\.git$/, '')
  if (githubOwn.has(owner) || !/^[\w-]{1,39}$/.test(owner) || !/^[\w.-]{1,100}$/.test(repo)) return undefined
  const branch = after(below, 'tree')
  const tag = after(below, 'releases', 'tag')
  const environment = below[0] === 'deployments' ? after(below, 'deployments') : undefined
  const isPull = below[0] === 'pull'
  const ref = tag === undefined ? `refs/heads/${branch ?? 'main'}` : `refs/tags/${tag}`
  const api = host === 'github.com' ? 'https://api.github.com' : `https://${host}/api/v3`
  return {
    preset: 'github',
    host,
    is: `the repository ${owner}/${repo}${environment ? `, environment ${environment}` : ''}`,
    known: {
      owner,
      repo,
      ref,
      repository: `${owner}/${repo}`,
      repository_owner: owner,
      ref_type: tag === undefined ? 'branch' : 'tag',
      ...(environment ? { environment } : {}),
    },
    notes: [
      ...(isPull ? [pullRequestIs] : []),
      ...(branch === undefined && tag === undefined ? [mainIsTaken] : []),
      'The ids do not stand in the address. A repository that was made, renamed or moved before July 2026 may have the older subject, of names alone: choose its form below.',
    ],
    look: `curl -s ${api}/repos/${owner}/${repo} | jq '{repository_id: .id, repository_owner_id: .owner.id}'`,
  }
}

/** gitlab.com, and instances of one's own. Groups stand in groups. */
export function readGitlab({ host, path }: Address): Place | undefined {
  const cut = path.indexOf('-')
  const project = (cut === -1 ? path : path.slice(0, cut)).map((part, index, all) =>
    index === all.length - 1 ? part.replace(/\.git$/, '') : part,
  )
  if (project.length < 2 || !project.every((part) => /^[\w][\w.-]*$/.test(part))) return undefined
  const below = cut === -1 ? [] : path.slice(cut + 1)
  const branch = after(below, 'tree')
  const tag = after(below, 'tags')
  const project_path = project.join('/')
  return {
    preset: 'gitlab',
    host,
    is: `the project ${project_path}`,
    known: {
      project_path,
      namespace_path: project.slice(0, -1).join('/'),
      ref: tag ?? branch ?? 'main',
      ref_type: tag === undefined ? 'branch' : 'tag',
      ref_path: tag === undefined ? `refs/heads/${branch ?? 'main'}` : `refs/tags/${tag}`,
    },
    notes: [
      ...(below[0] === 'merge_requests' ? [pullRequestIs.replace('pull request', 'merge request')] : []),
      ...(branch === undefined && tag === undefined ? [mainIsTaken] : []),
      'The ids do not stand in the address.',
    ],
    look: `curl -s https://${host}/api/v4/projects/${encodeURIComponent(project_path)} | jq '{project_id: .id, namespace_id: .namespace.id}'`,
  }
}

export function readBitbucket({ path, query }: Address): Place | undefined {
  const [workspace = '', named = '', ...below] = path
  const repository = named.replace(/\.git$/, '')
  if (!/^[\w-]+$/.test(workspace) || !/^[\w.-]+$/.test(repository)) return undefined
  const branch = after(below, 'branch') ?? query.get('at')?.replace(/^refs\/heads\//, '') ?? undefined
  return {
    preset: 'bitbucket',
    is: `the repository ${workspace}/${repository}`,
    known: { workspace, branch: branch ?? 'main' },
    notes: [
      ...(branch === undefined ? [mainIsTaken] : []),
      'The ids, in braces, stand under Repository settings, OpenID Connect.',
    ],
    look: `curl -s https://api.bitbucket.org/2.0/repositories/${workspace}/${repository} | jq '{repository_uuid: .uuid, workspace_uuid: .workspace.uuid}'`,
  }
}
