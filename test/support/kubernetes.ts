/** A Kubernetes object, held to the schema that the API server has for its kind; a field that is not there is a complaint. */
import { expect } from 'chai'

type Check = ((data: unknown) => boolean) & { errors: { instancePath: string; message?: string; keyword: string }[] }
type Kind = { apiVersion: string; kind: string }

/** What is wrong with it: nothing, when it is empty. */
export async function complaintsOf(object: Kind): Promise<string[]> {
  const { validate } = (await import(`kubernetes-models/_schemas/${schemaOf(object)}`)) as { validate: Check }
  const looked = new Set<string>()
  // The validators ask for every field that they know, and let pass what they do not ask for.
  const isValid = validate(watched(object, '', looked))
  const wrong = isValid ? [] : validate.errors.map(({ instancePath, keyword }) => `${instancePath} ${keyword}`)
  return [
    ...wrong,
    ...pathsOf(object)
      .filter((path) => !looked.has(path))
      .map((path) => `${path} is not a field`),
  ]
}

/** `apps/v1`, `Deployment`: `IoK8sApiAppsV1Deployment`. */
function schemaOf({ apiVersion, kind }: Kind): string {
  const [version = '', group = 'core'] = apiVersion.split('/').reverse()
  const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)
  return `IoK8sApi${capital(group.split('.')[0] as string)}${capital(version)}${kind}`
}

function watched(value: unknown, path: string, looked: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value
  return new Proxy(value, {
    get(target, name) {
      if (typeof name !== 'string') return Reflect.get(target, name)
      looked.add(`${path}/${name}`)
      return watched(Reflect.get(target, name), `${path}/${name}`, looked)
    },
  })
}

const pathsOf = (value: unknown, path = ''): string[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([name, inner]) => [`${path}/${name}`, ...pathsOf(inner, `${path}/${name}`)])

type PodSpec = { securityContext?: object; automountServiceAccountToken?: boolean }

/** No root, no rights, no file system to write to, no token of the cluster. */
export function expectLockedDown(pod: PodSpec, container: { securityContext?: object }, user: number): void {
  expect(pod.securityContext).to.deep.include({
    runAsNonRoot: true,
    runAsUser: user,
    fsGroup: user,
    seccompProfile: { type: 'RuntimeDefault' },
  })
  expect(container.securityContext).to.deep.equal({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  })
  expect(pod.automountServiceAccountToken).to.equal(false)
}
