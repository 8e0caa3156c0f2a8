/** What clouds and clusters call a workload, which is no address of a page. */
import type { Place } from './reading.ts'

const name = '[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?'
const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i

/** `preset`: of the issuer that is chosen already, which tells what a bare name is of. */
export function readCloud(text: string, preset: string | undefined): Place | undefined {
  return (
    kubernetes(text, preset) ??
    aws(text) ??
    spiffe(text) ??
    googleAccount(text) ??
    (preset === 'gcp' && /^\d{15,25}$/.test(text) ? googleNumber(text) : undefined) ??
    (preset === 'entra' && uuid.test(text) ? entra(text) : undefined)
  )
}

/** The subject itself; `NAMESPACE/ACCOUNT` for a cluster; `-n NAMESPACE serviceaccount/ACCOUNT` as kubectl is told. */
function kubernetes(text: string, preset: string | undefined): Place | undefined {
  const told = /(?:^|\s)(?:-n|--namespace)[ =](\S+)/.exec(text)?.[1]
  const account = /(?:^|\s)(?:serviceaccounts?|sa)[/ ]([^\s/]+)/.exec(text)?.[1]
  const [, namespace, serviceaccount] =
    new RegExp(`^system:serviceaccount:(${name}):(${name})$`).exec(text) ??
    (preset === 'kubernetes' ? new RegExp(`^(${name})[/:](${name})$`).exec(text) : null) ??
    (told && account ? ['', told, account] : [])
  if (!namespace || !serviceaccount) return undefined
  return {
    preset: 'kubernetes',
    is: `the service account ${serviceaccount} of the namespace ${namespace}`,
    known: {
      namespace,
      serviceaccount,
      '/kubernetes.io/namespace': namespace,
      '/kubernetes.io/serviceaccount/name': serviceaccount,
    },
    notes: ['The uid is that of this account, and not of a later one of its name.'],
    look: `kubectl get serviceaccount ${serviceaccount} -n ${namespace} -o jsonpath='{.metadata.uid}'`,
  }
}

/** A role, or a session of one. */
function aws(text: string): Place | undefined {
  const [, account, role] =
    /^arn:aws[a-z-]*:iam::(\d{12}):role\/([\w+=,.@/-]+)$/.exec(text) ??
    /^arn:aws[a-z-]*:sts::(\d{12}):assumed-role\/([\w+=,.@-]+)\/[\w+=,.@-]+$/.exec(text) ??
    []
  if (!account || !role) return undefined
  return {
    preset: 'aws',
    is: `the role ${role} of the account ${account}`,
    known: { account, role },
    notes: ['A token holds no id of the role: whoever may make roles in the account may become it.'],
  }
}

function spiffe(text: string): Place | undefined {
  const [, trust_domain, path] = /^spiffe:\/\/([a-z0-9._-]{1,255})\/([\w./-]+)$/.exec(text) ?? []
  if (!trust_domain || !path) return undefined
  return {
    preset: 'spiffe',
    is: `the SPIFFE ID of ${path} in ${trust_domain}`,
    known: { trust_domain, path },
    notes: [],
  }
}

function googleAccount(text: string): Place | undefined {
  const [, account, project] = /^([\w-]+)@([\w-]+)\.iam\.gserviceaccount\.com$/.exec(text) ?? []
  if (!account || !project) return undefined
  return {
    preset: 'gcp',
    is: `the service account ${account} of the project ${project}`,
    known: { email: text },
    notes: ['Its address can come to mean another account: the policy asks for its number.'],
    look: `gcloud iam service-accounts describe ${text} --format='value(uniqueId)'`,
  }
}
const googleNumber = (number: string): Place => ({
  preset: 'gcp',
  is: `the service account of the number ${number}`,
  known: { number },
  notes: [],
})
const entra = (object_id: string): Place => ({
  preset: 'entra',
  is: `the identity of the object id ${object_id}`,
  known: { object_id },
  notes: ['For a managed identity or a service principal it is the object id, not the client id.'],
})
