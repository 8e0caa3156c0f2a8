import { Button, Checkbox, Group, Stack } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { Dialog } from '../../parts/dialog.tsx'
import { OverrideReason } from '../../parts/override-reason.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { TeamPicker } from '../../parts/team-picker.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { fieldErrors } from '../../wire/field-errors.ts'
import { Problem } from '../../wire/problem.ts'
import { api } from '../../wire/request.ts'
import type { ServiceAccount } from '../../wire/shapes.ts'
import { changesOf, editableOf, rebased, type TheirChange, theirChanges } from './account-changes.ts'
import { nameFault } from './account-draft.ts'
import { AccessField, DescriptionField, LifetimeField } from './account-fields.tsx'
import type { AccountPlace } from './account-view.tsx'
import { ChangedMeanwhile } from './changed-meanwhile.tsx'
import { NameField } from './name-field.tsx'
import { KeptInFile } from './what-uses-it.tsx'

type Props = AccountPlace & { account: ServiceAccount; etag: string | undefined; onClose: () => void }

/** Changes an account as it was when the form was opened: what somebody else has changed since is told, and not written over unseen. */
export function EditAccount({ org, team, path, account, etag, onClose }: Props) {
  const navigate = useNavigate()
  const [base, setBase] = useState({ value: account, etag })
  const [draft, setDraft] = useState(editableOf(account))
  const [theirs, setTheirs] = useState<TheirChange[]>()
  const [reason, setReason] = useState('')
  const before = editableOf(base.value)
  const changes = changesOf(before, draft)
  const isManaged = base.value.managed_by !== null

  const save = async () => {
    const body = { ...changes, ...(reason.trim() === '' ? {} : { override_reason: reason.trim() }) }
    try {
      return await api.patch<ServiceAccount>(path, body, isManaged ? { force: 'true' } : undefined, base.etag)
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 412) throw error
      const now = await api.tagged<ServiceAccount>(path)
      const made = editableOf(now.value)
      setTheirs(theirChanges(before, draft, made))
      setDraft(rebased(before, draft, made))
      setBase(now)
      throw error
    }
  }
  const change = useDeed(save, {
    says: ({ name }) => `${name} is changed`,
    onDone({ name }) {
      onClose()
      if (name === account.name || team === undefined) return
      void navigate({
        to: '/$org/$team/service-accounts/$account',
        params: { org, team, account: name },
        replace: true,
      })
    },
  })
  const isOvertaken = change.error?.status === 412
  const said = fieldErrors(change.error)
  const set = (more: Partial<typeof draft>) => setDraft({ ...draft, ...more })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate(undefined)
  }
  return (
    <Dialog title={`Edit ${account.name}`} opened onClose={onClose}>
      <form onSubmit={submit}>
        <Stack>
          {isOvertaken && theirs && <ChangedMeanwhile changes={theirs} />}
          {base.value.managed_by !== null && <KeptInFile by={base.value.managed_by} />}
          <NameField
            value={draft.name}
            onChange={(name) => set({ name })}
            collection={path.slice(0, path.lastIndexOf('/'))}
            own={base.value.name}
            error={said.name ?? (change.error?.reason === 'name_taken' ? 'This name is taken' : undefined)}
            autoFocus
          />
          {base.value.scope === 'organization' && (
            <TeamPicker
              org={org}
              label="Default team"
              required
              value={draft.defaultTeam}
              onChange={(defaultTeam) => set({ defaultTeam })}
              error={said.default_team}
            />
          )}
          <AccessField value={draft.access} onChange={(access) => set({ access })} />
          <LifetimeField value={draft.tokenTtl} onChange={(tokenTtl) => set({ tokenTtl })} error={said.token_ttl} />
          <DescriptionField
            value={draft.description}
            onChange={(description) => set({ description })}
            error={said.description}
          />
          <Checkbox
            label="Tokens are bound to a key (DPoP)"
            checked={draft.dpop}
            onChange={(event) => set({ dpop: event.currentTarget.checked })}
          />
          {change.error && change.error.findings.length > 0 && (
            <OverrideReason findings={change.error.findings} value={reason} onChange={setReason} />
          )}
          {!isOvertaken && <ProblemAlert error={change.error} title="Nothing was changed" />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              loading={change.isPending}
              disabled={
                Object.keys(changes).length === 0 ||
                nameFault(draft.name) !== undefined ||
                draft.name === '' ||
                (base.value.scope === 'organization' && draft.defaultTeam === '')
              }
            >
              {isManaged ? 'Save although it is in a file' : 'Save'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
