import { Stack, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Affected } from '../../parts/affected.tsx'
import { ConfirmDeed } from '../../parts/confirm-deed.tsx'
import { ManagedNotice } from '../../parts/managed-notice.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { useList } from '../../wire/lists.ts'
import { api } from '../../wire/request.ts'
import type { ApiKey, ResourceServer } from '../../wire/shapes.ts'

export function DeleteServer({ org, server, onClose }: { org: string; server: ResourceServer; onClose: () => void }) {
  const navigate = useNavigate()
  const [isForced, setForced] = useState(false)
  const path = `/orgs/${org}/resource-servers/${server.id}`
  const keys = useList<ApiKey>(`${path}/keys`, {}, { limit: 200 })
  const deed = useDeed(() => api.delete(path, isForced ? { force: 'true' } : {}), {
    says: () => `Resource server ${server.name} is deleted`,
    onDone: () => void navigate({ to: '/$org/resource-servers', params: { org } }),
  })
  const uses = keys.rows.flatMap(({ last_used_at }) => last_used_at ?? []).sort()
  return (
    <ConfirmDeed
      title="Delete resource server"
      deed="Delete resource server"
      typed={server.name}
      opened
      onClose={onClose}
      onConfirm={() => deed.mutate(undefined)}
      isRunning={deed.isPending}
      error={deed.error}
    >
      <Stack gap="xs">
        <Text size="sm">
          This cannot be undone. The API can no longer ask about its callers, and lets nobody in; no token is given out
          for <span className="mono">{server.audience}</span> any more.
        </Text>
        <Affected list={keys} one="API key" name={({ name }) => name} fate="they stop working at once" />
        <Text size="sm">
          It asked last: <RelativeTime at={uses.at(-1)} />.
        </Text>
        <ManagedNotice by={server.managed_by} isForced={isForced} onForce={setForced} />
      </Stack>
    </ConfirmDeed>
  )
}
