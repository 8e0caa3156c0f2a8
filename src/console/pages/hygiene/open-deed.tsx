import { Loader } from '@mantine/core'
import { Dialog } from '../../parts/dialog.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { useObject } from '../../wire/objects.ts'
import type { ApiKey, HygieneItem, ServiceAccount } from '../../wire/shapes.ts'
import { StopAccount } from '../accounts/stop-account.tsx'
import { NewKey } from '../keys/new-key.tsx'
import { RevokeKey } from '../keys/revoke-key.tsx'
import { RotateKey } from '../keys/rotate-key.tsx'
import { type ItemDeed, ownerOf } from './kinds.ts'

type Props = { org: string; deed: ItemDeed; item: HygieneItem; onClose: () => void }

/** The deed itself, as on the page of what it is about, once that is known as it is now. */
export function OpenDeed({ org, deed, item, onClose }: Props) {
  const { path, option } = ownerOf(org, item)
  const keys = `${path}/keys`
  const account = useObject<ServiceAccount>(deed === 'disable' ? path : undefined)
  const key = useObject<ApiKey>(
    item.key && (deed === 'revoke' || deed === 'rotate') ? `${keys}/${item.key.id}` : undefined,
  )
  if (deed === 'replace') return <NewKey path={keys} owner={option} onClose={onClose} />
  if (account.data) return <StopAccount org={org} path={path} account={account.data} deed="disable" onClose={onClose} />
  if (key.data && deed === 'revoke') return <RevokeKey org={org} path={keys} apiKey={key.data} onClose={onClose} />
  if (key.data && deed === 'rotate') return <RotateKey path={keys} owner={option} apiKey={key.data} onClose={onClose} />
  const error = account.error ?? key.error
  return (
    <Dialog title={error ? 'It is not there any more' : 'One moment'} opened onClose={onClose}>
      {error ? <ProblemAlert error={error} /> : <Loader role="status" aria-label="Loading what it is about" />}
    </Dialog>
  )
}
