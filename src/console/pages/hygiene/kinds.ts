import type { HygieneItem, HygieneKind } from '../../wire/shapes.ts'

export type Words = {
  title: string
  /** What is counted. */
  means: string
  /** Why somebody should look. */
  matters: string
  /** What `since` is the time of. */
  since: string
}

/** In the order of the service: what is most pressing comes first. */
export const kinds: Record<HygieneKind, Words> = {
  weak_policy: {
    title: 'Weak policies',
    means: 'Trust policies that let in more than one workload, or somebody you may not mean.',
    matters: 'Whoever gets such a token from the same platform becomes the account.',
    since: '',
  },
  expires_soon: {
    title: 'Keys that end soon',
    means: 'API keys that end within 14 days.',
    matters: 'What uses one stops that day. Rotate it with an overlap, and nothing stops.',
    since: 'ends',
  },
  key_although_federated: {
    title: 'Keys where federation works',
    means: 'Accounts that use an API key in a team where others need none.',
    matters: 'A key can be copied and found. A job with a token of its platform has nothing to lose.',
    since: 'used',
  },
  never_used: {
    title: 'Never used',
    means: 'Made 30 days ago or more, and never used since.',
    matters: 'Nobody misses it, and nobody would notice its misuse.',
    since: 'made',
  },
  idle: {
    title: 'Idle',
    means: 'Not used for 90 days or more.',
    matters: 'Its work is probably over. What is left open is open to whoever finds the key.',
    since: 'used',
  },
  never_expires: {
    title: 'Keys without an end',
    means: 'API keys that never end by themselves.',
    matters: 'One that leaks works until somebody notices. Make one with an end in its place.',
    since: 'made',
  },
}
export const kindNames = Object.keys(kinds) as HygieneKind[]
export const isKind = (text: string | undefined): text is HygieneKind => text !== undefined && text in kinds

/** Whom an item is about, and where that is: below /api/v1, and as the command line is told. */
export function ownerOf(org: string, { service_account: account, user }: HygieneItem) {
  if (account) {
    const { id, name, team } = account
    return {
      name,
      path: `/orgs/${org}${team === null ? '' : `/teams/${team}`}/service-accounts/${id}`,
      option: `--sa ${team === null ? '' : `${team}/`}${name}`,
    }
  }
  return { name: user?.name ?? '', path: `/orgs/${org}/users/${user?.id}`, option: `--user ${user?.name}` }
}

export type ItemDeed = 'disable' | 'revoke' | 'rotate' | 'replace' | 'open-policy' | 'federate'

/** What mends it, the best first. */
export function deedsOf({ kind, service_account: account, key, policy }: HygieneItem): ItemDeed[] {
  switch (kind) {
    case 'weak_policy':
      return policy && account?.team ? ['open-policy'] : []
    case 'key_although_federated':
      return account?.team ? ['federate'] : []
    case 'expires_soon':
      return key ? ['rotate'] : []
    case 'never_expires':
      return key ? ['replace', 'revoke'] : []
    default:
      return key ? ['revoke'] : account ? ['disable'] : []
  }
}

/** No two of a list are alike in it. */
export const keyOf = ({ kind, service_account: account, user, key, policy }: HygieneItem): string =>
  [kind, account?.id, user?.id, key?.id, policy?.id].join(' ')
