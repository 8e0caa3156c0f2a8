import { Copyable } from '../../parts/copy.tsx'
import { Facts } from '../../parts/facts.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import { Section } from '../../parts/section.tsx'
import type { ServiceAccount } from '../../wire/shapes.ts'

export function AccountFacts({ account }: { account: ServiceAccount }) {
  const { scope, team, default_team, access, admin, token_ttl, dpop_bound_access_tokens, method } = account
  const lifetime = token_ttl % 60 === 0 ? `${token_ttl / 60} minutes` : `${token_ttl} seconds`
  return (
    <Section title="About">
      <Facts
        rows={[
          ['Id', <Copyable key="id" text={account.id} what="id" />],
          ['Scope', scope === 'organization' ? 'Organization' : `Team ${team}`],
          scope === 'organization' && ['Default team', default_team],
          ['Proves itself by', method === 'federated' ? 'a token of its own platform' : 'an API key'],
          ['Access', access === 'write' ? 'Read and write' : 'Read only'],
          admin && ['Administers', scope === 'organization' ? 'the organization' : `the team ${team}`],
          ['Token lifetime', lifetime],
          dpop_bound_access_tokens && ['Tokens', 'bound to a key that the workload holds (DPoP)'],
          ['Last used', <RelativeTime key="used" at={account.last_used_at} />],
          ['Created', <RelativeTime key="created" at={account.created_at} />],
          ['Changed', <RelativeTime key="changed" at={account.updated_at} />],
        ]}
      />
    </Section>
  )
}
