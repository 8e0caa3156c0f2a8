/**
 * Where are we? The order: what was set explicitly, then CI systems (they run on top of any cloud), then what a platform
 * puts into the environment, then Kubernetes, then the clouds. No network is touched to find out.
 */
import type { SubjectTokenSource } from '../subject-token.ts'
import { apiKey } from './api-key.ts'
import { aws } from './aws.ts'
import { azureAppService } from './azure-app-service.ts'
import { azureImds } from './azure-imds.ts'
import { azurePipelines } from './azure-pipelines.ts'
import { bitbucket } from './bitbucket.ts'
import { buildkite } from './buildkite.ts'
import { circleci } from './circleci.ts'
import { fly } from './fly.ts'
import { gcp } from './gcp.ts'
import { githubActions } from './github-actions.ts'
import { gitlab } from './gitlab.ts'
import { hcpTerraform } from './hcp-terraform.ts'
import { identityToken } from './identity-token.ts'
import { identityTokenFile } from './identity-token-file.ts'
import { kubernetes } from './kubernetes.ts'
import { spiffe } from './spiffe.ts'
import { vercel } from './vercel.ts'

/** In the order in which `auto` asks them; `azure-imds` only by name. */
export const sourceNames = [
  'identity-token-file',
  'identity-token',
  'api-key',
  'github-actions',
  'gitlab',
  'circleci',
  'buildkite',
  'bitbucket',
  'azure-pipelines',
  'hcp-terraform',
  'fly',
  'vercel',
  'azure-app-service',
  'spiffe',
  'kubernetes',
  'gcp',
  'aws',
  'azure-imds',
] as const
export type SourceName = (typeof sourceNames)[number]

/** The sources by name; a file each. */
export const sources: Readonly<Record<SourceName, SubjectTokenSource>> = {
  'identity-token-file': identityTokenFile,
  'identity-token': identityToken,
  'api-key': apiKey,
  'github-actions': githubActions,
  gitlab,
  circleci,
  buildkite,
  bitbucket,
  'azure-pipelines': azurePipelines,
  'hcp-terraform': hcpTerraform,
  fly,
  vercel: vercel(),
  'azure-app-service': azureAppService,
  spiffe,
  kubernetes,
  gcp,
  aws,
  'azure-imds': azureImds,
}
