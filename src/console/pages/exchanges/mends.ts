/** What may be done about a refusal, by its reason: a sentence, and where to go. Pure. */
import type { Candidate, Explained } from '../../wire/shapes/trail.ts'

export type Goal =
  | { to: 'issuer'; issuer: string; label: string }
  | { to: 'add_issuer'; url: string; label: string }
  | { to: 'account'; account: string; label: string }
  | { to: 'policy'; account: string; policy: string; label: string }
  | { to: 'servers'; label: string }
  | { to: 'create_policy'; label: string }
export type Mend = { says: string; goals: readonly Goal[] }

type Registered = { name: string; issuer: string; enabled: boolean }
/**
 * `issuer`: of the token. `account`: whom it was found to stand for. `isOnRecord`: a policy can be made from it, by whom
 * `mayMakePolicy`.
 */
export type Known = {
  issuer: string | undefined
  account: string | undefined
  issuers: readonly Registered[]
  isOnRecord: boolean
  mayAddIssuer: boolean
  mayMakePolicy: boolean
}

export function mendsOf(explained: Explained, known: Known): Mend[] {
  const { reason, steps, candidates } = explained
  const failed = steps.find(({ outcome }) => outcome === 'failed')
  if (!failed || reason === undefined) return []
  const own = known.issuers.filter(({ issuer }) => issuer === known.issuer)
  const issuers = (label: (name: string) => string): Goal[] =>
    own.slice(0, 3).map(({ name }) => ({ to: 'issuer', issuer: name, label: label(name) }))
  const account = known.account ?? candidates.find((one) => one.conditions.every(({ holds }) => holds))?.service_account
  const accounts: Goal[] =
    account === undefined ? [] : [{ to: 'account', account, label: `Open the account ${account}` }]
  const off = own.filter(({ enabled }) => !enabled)

  if (off.length > 0 && failed.step === 'issuer')
    return [
      {
        says: 'The issuer is registered, and disabled: nothing that it signs is accepted. Enable it, if that was not on purpose.',
        goals: off.map(({ name }) => ({ to: 'issuer', issuer: name, label: `Open the issuer ${name}` })),
      },
    ]
  switch (reason) {
    case 'issuer_not_trusted':
      return [
        {
          says: 'Nobody here trusts this issuer. If it is one of yours, register it exactly as the token spells it.',
          goals:
            known.issuer && known.mayAddIssuer
              ? [{ to: 'add_issuer', url: known.issuer, label: 'Add this issuer' }]
              : [],
        },
      ]
    case 'audience_not_accepted':
      return [
        {
          says: 'The token was made for somebody else. Let the job ask its platform for one of the expected audiences, and for no other; or add the audience to the issuer.',
          goals: issuers((name) => `Audiences of ${name}`),
        },
      ]
    case 'key_not_found':
    case 'issuer_unavailable':
      return [
        {
          says: 'No key of the issuer fits. After a rotation its keys can be fetched anew; a check says what is in the way.',
          goals: issuers((name) => `Check the issuer ${name}`),
        },
      ]
    case 'algorithm_not_allowed':
    case 'signature_invalid':
    case 'token_replayed':
      return [{ says: ofIssuer[reason], goals: issuers((name) => `Open the issuer ${name}`) }]
    case 'token_expired':
    case 'token_too_old':
    case 'token_not_yet_valid':
    case 'token_issued_in_future':
      return [
        {
          says: 'Let the job fetch a fresh token for each exchange, and compare the clocks. An issuer can tolerate more.',
          goals: issuers((name) => `Clock and age at ${name}`),
        },
      ]
    case 'no_account_matches':
      return ofPolicies(candidates, known)
    case 'account_ambiguous':
      return [
        {
          says: 'More than one account fits. Let the job name one: service_account, or COUNTERSIGN_SERVICE_ACCOUNT.',
          goals: fitting(candidates).map(({ service_account }) => ({
            to: 'account',
            account: service_account,
            label: `Open ${service_account}`,
          })),
        },
      ]
    case 'scope_not_allowed':
      return [
        {
          says: 'The job asked for more than the account may have. Let it ask for less, or give the account more.',
          goals: accounts,
        },
      ]
    case 'target_unknown':
      return [
        {
          says: 'The job named an API that is not registered here. Let it name the audience of one that is, or register it.',
          goals: [{ to: 'servers', label: 'Resource servers' }],
        },
      ]
    case 'dpop_proof_missing':
      return [{ says: 'The account gets tokens only for a key that the job proves to hold (DPoP).', goals: accounts }]
    default:
      return [{ says: 'It is mended by whoever wrote the job; the page on the reason says how.', goals: [] }]
  }
}

const ofIssuer = {
  algorithm_not_allowed: 'The token is signed in a way that the issuer is not registered with.',
  signature_invalid: 'The token was changed on its way, or somebody else signed it. Let the job send it as it came.',
  token_replayed:
    'The issuer allows each token once. Let the job fetch a fresh one for each exchange; or allow a grace for the same one.',
} as const

const fitting = (candidates: readonly Candidate[]) => candidates.filter(({ outcome }) => outcome === 'fits').slice(0, 5)

function ofPolicies(candidates: readonly Candidate[], { isOnRecord, mayMakePolicy }: Known): Mend[] {
  const mends: Mend[] = []
  const holding = candidates.filter(({ conditions }) => conditions.every(({ holds }) => holds))
  for (const { service_account: account, policy, name, state, hints } of holding.slice(0, 3)) {
    if (hints.some(({ kind }) => kind === 'disabled'))
      mends.push({
        says: `${account} would fit, and is disabled.`,
        goals: [{ to: 'account', account, label: `Open ${account}` }],
      })
    else if (state === 'draft' && policy)
      mends.push({
        says: `The policy ${name ?? policy} of ${account} would fit, and is a draft. Make it live, if it is to grant.`,
        goals: [{ to: 'policy', account, policy, label: 'Open the policy' }],
      })
  }
  const [nearest] = candidates
  if (mends.length === 0 && nearest?.policy)
    mends.push({
      says: `The policy ${nearest.name ?? nearest.policy} of ${nearest.service_account} comes nearest. If it is the one that was meant, change what it misses.`,
      goals: [
        {
          to: 'policy',
          account: nearest.service_account,
          policy: nearest.policy,
          label: 'Open the policy',
        },
      ],
    })
  mends.push({
    says: 'Should this job get in, and by no policy that is there? Then make one from what it showed. If it should not, all is well.',
    goals: isOnRecord && mayMakePolicy ? [{ to: 'create_policy', label: 'Create policy from this refusal' }] : [],
  })
  return mends
}
