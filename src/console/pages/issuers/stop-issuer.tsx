import { Stack, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { ConfirmDeed } from '../../parts/confirm-deed.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { api } from '../../wire/request.ts'
import type { Issuer } from '../../wire/shapes.ts'
import { ManagedHere } from './managed-here.tsx'
import { WhoIsStopped } from './who-is-stopped.tsx'

export type IssuerDeed = 'disable' | 'enable' | 'revoke' | 'delete'

const words = {
  disable: {
    title: (name: string) => `Disable ${name}?`,
    is: 'From now on no token of this issuer gets anything here, and every access token that was obtained by one ends at once, on every replica. It can be enabled again; what was ended stays ended.',
    deed: 'Disable it now',
    done: (name: string) => `${name} is disabled; what it gave out has ended`,
  },
  enable: {
    title: (name: string) => `Enable ${name}?`,
    is: 'Tokens of this issuer are taken again, by the trust policies that name it. Access tokens that were ended stay so.',
    deed: 'Enable it',
    done: (name: string) => `${name} is enabled`,
  },
  revoke: {
    title: (name: string) => `Revoke the tokens that came from ${name}?`,
    is: 'Every access token that was obtained by a token of this issuer ends at once, on every replica. The issuer stays enabled: whoever has a good token of it gets a new one.',
    deed: 'Revoke them now',
    done: (name: string) => `All access tokens that came from ${name} have ended`,
  },
  delete: {
    title: (name: string) => `Delete ${name}?`,
    is: 'The issuer goes, and with it every trust policy on it. Every access token that was obtained by a token of it ends at once. This cannot be undone.',
    deed: 'Delete it now',
    done: (name: string) => `${name} is deleted`,
  },
} as const

type Props = { org: string; path: string; issuer: Issuer; deed: IssuerDeed; onClose: () => void }

/** Asks before an issuer is stopped, saying whom that stops. */
export function StopIssuer({ org, path, issuer, deed, onClose }: Props) {
  const navigate = useNavigate()
  const [isForced, force] = useState(false)
  const { name, managed_by } = issuer
  const query = isForced ? { force: 'true' } : {}
  const says = words[deed]
  const run = useDeed<void, unknown>(
    () => {
      if (deed === 'delete') return api.delete(path, query)
      if (deed === 'revoke') return api.post(`${path}/revoke`)
      return api.patch(path, { enabled: deed === 'enable' }, query)
    },
    {
      says: () => says.done(name),
      onDone() {
        if (deed === 'delete') void navigate({ to: '/$org/issuers', params: { org } })
        else onClose()
      },
    },
  )
  return (
    <ConfirmDeed
      title={says.title(name)}
      deed={says.deed}
      {...(deed === 'enable' ? { color: 'indigo' } : { typed: name })}
      opened
      onClose={onClose}
      onConfirm={() => run.mutate()}
      isRunning={run.isPending}
      error={run.error}
    >
      <Stack gap="md">
        <Text size="sm">{says.is}</Text>
        {deed !== 'enable' && <WhoIsStopped path={path} />}
        {deed !== 'revoke' && <ManagedHere by={managed_by} isForced={isForced} onChange={force} />}
      </Stack>
    </ConfirmDeed>
  )
}
