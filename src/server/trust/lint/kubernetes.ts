/** Kubernetes, whichever cluster it is: the form of its subjects is nobody else's. */
import type { Finding } from '../finding.ts'
import { isPinned, type Reading } from './reading.ts'
import { exactly, quoted, say } from './say.ts'
import { readSubject, shapes } from './subject-forms.ts'

const uid = '/kubernetes.io/serviceaccount/uid'

export function kubernetesFindings(reading: Reading): Finding[] {
  const { policy } = reading
  const subject = readSubject(policy.subject, policy.match === 'glob', shapes.kubernetes?.forms ?? [])
  if (!subject || isPinned(reading, uid)) return []
  const namespace = subject.sure.get('namespace')
  const account = subject.sure.get('serviceaccount')
  const better = exactly(`system:serviceaccount:${namespace ?? '<namespace>'}:<service account>`)
  if (account === 'default')
    return [
      say(
        'LR23',
        'error',
        `${quoted(policy.subject)} is the account of every pod that names none in the namespace ${namespace}`,
        better,
      ),
    ]
  if (subject.open.size === 0) return []
  const whose = subject.open.has('namespace')
    ? 'accounts of more than one namespace'
    : `more than one account of the namespace ${namespace}`
  return [say('LR23', 'error', `the subject ${quoted(policy.subject)} lets in ${whose}`, better)]
}
