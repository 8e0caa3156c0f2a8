import { List, Text } from '@mantine/core'
import { useState } from 'react'
import { RelativeTime } from '../../parts/relative-time.tsx'
import { useObject } from '../../wire/objects.ts'
import { isAnyTeamAdmin } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { AuditEvent, ExchangeStats, Page, ServiceAccount } from '../../wire/shapes.ts'

const week = 7 * 86_400_000

/** Who would notice that the account is stopped: what is known of its use. */
export function WhatUsesIt({ org, account }: { org: string; account: ServiceAccount }) {
  const { me } = useSession()
  const mayAsk = isAnyTeamAdmin(me)
  const [from] = useState(() => new Date(Date.now() - week).toISOString())
  const { data: stats } = useObject<ExchangeStats>(mayAsk ? `/orgs/${org}/exchange-stats` : undefined, {
    service_account: account.id,
    from,
    buckets: 1,
  })
  const { data: lately } = useObject<Page<AuditEvent>>(mayAsk ? `/orgs/${org}/audit-events` : undefined, {
    service_account: account.id,
    type: 'token.exchange',
    result: 'granted',
    limit: 50,
  })
  const ips = [...new Set(lately?.items.map(({ client }) => client.ip))]
  return (
    <List size="sm" mih="4.6em">
      <List.Item>
        {account.last_used_at ? (
          <>
            Used last <RelativeTime at={account.last_used_at} />
          </>
        ) : (
          'Never used: nothing is known that needs it'
        )}
      </List.Item>
      {stats && (
        <List.Item>
          {stats.granted} {stats.granted === 1 ? 'token was' : 'tokens were'} obtained as it in the last 7 days
        </List.Item>
      )}
      {ips.length > 0 && (
        <List.Item>
          Its last exchanges came from <span className="mono">{ips.slice(0, 5).join(', ')}</span>
          {ips.length > 5 && ` and ${ips.length - 5} more addresses`}
        </List.Item>
      )}
      {account.keys && account.keys.active > 0 && (
        <List.Item>
          {account.keys.active} {account.keys.active === 1 ? 'API key' : 'API keys'} in use
        </List.Item>
      )}
    </List>
  )
}

/** What is kept in a file comes back with it. */
export const KeptInFile = ({ by }: { by: string }) => (
  <Text size="sm">
    It is kept in <span className="mono">{by}</span>. Change it there, or the next apply undoes what is done here.
  </Text>
)
