import { Text } from '@mantine/core'
import { RelativeTime } from '../../parts/relative-time.tsx'
import { useObject } from '../../wire/objects.ts'
import { isAnyTeamAdmin } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { ApiKey, AuditEvent, Page } from '../../wire/shapes.ts'

/** The last uses of a key on record (one an hour at most), newest first; none for whom the trail is closed. */
export function useKeyUses(org: string, key: Pick<ApiKey, 'id' | 'last_used_at'>, limit: number) {
  const { me } = useSession()
  const mayAsk = isAnyTeamAdmin(me) && key.last_used_at !== null
  return useObject<Page<AuditEvent>>(mayAsk ? `/orgs/${org}/audit-events` : undefined, {
    type: 'api_key.use',
    target: key.id,
    limit,
  })
}

/** When it was used last, and from where. */
export function LastUse({ org, apiKey }: { org: string; apiKey: ApiKey }) {
  const { data } = useKeyUses(org, apiKey, 1)
  const ip = data?.items[0]?.client.ip
  return (
    <div>
      <RelativeTime at={apiKey.last_used_at} />
      {apiKey.last_used_at && (
        <Text size="xs" c="dimmed" mih="1.2em">
          {ip && (
            <>
              from <span className="mono">{ip}</span>
            </>
          )}
        </Text>
      )}
    </div>
  )
}

/** What would notice that a key is gone. */
export function UsedFrom({ org, apiKey }: { org: string; apiKey: ApiKey }) {
  const { data } = useKeyUses(org, apiKey, 50)
  if (apiKey.last_used_at === null)
    return <Text size="sm">It has never been used: nothing is known that needs it.</Text>
  const ips = [...new Set(data?.items.map(({ client }) => client.ip))]
  return (
    <Text size="sm" mih="1.5em">
      It was used last <RelativeTime at={apiKey.last_used_at} />
      {ips.length > 0 && (
        <>
          , lately from {ips.length === 1 ? 'one address' : `${ips.length} addresses`}:{' '}
          <span className="mono">{ips.slice(0, 5).join(', ')}</span>
          {ips.length > 5 && ' and others'}
        </>
      )}
      . What uses it stops working at once.
    </Text>
  )
}
