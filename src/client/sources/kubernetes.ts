/**
 * Kubernetes: a token that the kubelet writes into the pod, and replaces before it ends
 * (kubernetes.io/docs/tasks/configure-pod-container/configure-service-account, "ServiceAccount token volume projection").
 * First the volume of our own convention, then the file that every pod has by itself: that one is for the API server, and
 * whoever sends it away lets others act in the cluster. So the audience is looked at before a token leaves.
 */
import { SubjectTokenError } from '../federation-error.ts'
import type { SubjectTokenSource } from '../subject-token.ts'
import type { Surroundings } from '../surroundings.ts'
import { aws } from './aws.ts'
import { azureAppService } from './azure-app-service.ts'
import { gcp } from './gcp.ts'
import { readTokenFile } from './read-token-file.ts'
import { audienceOf } from './unverified.ts'

const name = 'kubernetes'
/** Where docs/how-to and deploy/ci mount the volume. */
export const projectedTokenFile = '/var/run/secrets/countersign/token'
const defaultTokenFile = '/var/run/secrets/kubernetes.io/serviceaccount/token'

export const kubernetes: SubjectTokenSource = {
  name,
  missing: `KUBERNETES_SERVICE_HOST is not set, and there is no ${projectedTokenFile}`,
  whenExpired: 'the kubelet should have replaced the file: the node is in trouble, or the file is a copy',
  detect: async (here) =>
    Boolean(here.env.KUBERNETES_SERVICE_HOST) || (await here.readFile(projectedTokenFile)) !== undefined,
  async getSubjectToken({ audience }, here) {
    const projected = await readTokenFile(name, projectedTokenFile, here)
    if (projected !== undefined) {
      const has = audienceOf(projected)
      // Where nobody said whom it is for, whoever mounted the volume did.
      if (audience === undefined || has.includes(audience)) return { token: projected }
      throw new SubjectTokenError(name, `${projectedTokenFile} is ${forWhom(has)}, and not for ${audience}`, {
        code: 'subject_token_misaddressed',
        hint: `set the \`audience\` of the volume to ${audience}, or COUNTERSIGN_AUDIENCE to what it has`,
      })
    }
    const standard = await readTokenFile(name, defaultTokenFile, here)
    const has = standard === undefined ? [] : audienceOf(standard)
    if (standard !== undefined && has.length === 1 && has[0] === audience) return { token: standard }
    const happened =
      standard === undefined
        ? 'there is no token for us in this pod'
        : `the pod's own token is ${forWhom(has)}, and not for us: it is not sent`
    throw new SubjectTokenError(name, happened, {
      code: standard === undefined ? 'subject_token_missing' : 'subject_token_misaddressed',
      hint: `add to the pod, mounted at /var/run/secrets/countersign, the volume ${volume(audience)}${await otherWay(here)}`,
      docs: 'how-to/providers/kubernetes.md',
    })
  },
}

const forWhom = (has: readonly string[]) => (has.length === 0 ? 'for nobody in particular' : `for ${has.join(', ')}`)

/** YAML that fits into a line. */
const volume = (audience = 'https://HOST/orgs/NAME') =>
  `{ name: countersign, projected: { sources: [{ serviceAccountToken: { path: token, audience: '${audience.replaceAll("'", "''")}', expirationSeconds: 3600 } }] } }`

/** What the cloud below the cluster could give instead. Nobody slips into it: on a bare node it may be the node's identity. */
async function otherWay(here: Surroundings): Promise<string> {
  const { env } = here
  const isAzure =
    (await azureAppService.detect?.(here)) || Boolean(env.AZURE_FEDERATED_TOKEN_FILE && env.AZURE_CLIENT_ID)
  const found = [
    (await gcp.detect?.(here)) && 'gcp',
    ((await aws.detect?.(here)) || env.AWS_WEB_IDENTITY_TOKEN_FILE) && 'aws',
    isAzure && 'azure-imds',
  ].filter(Boolean)
  return found.length === 0
    ? ''
    : `; or let the cloud below say who the pod is: COUNTERSIGN_SOURCE=${found.join(' or ')}`
}
