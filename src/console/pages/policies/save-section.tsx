import { Alert, Button, Checkbox, Group, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { isReason, OverrideReason } from '../../parts/override-reason.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { Section } from '../../parts/section.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { api } from '../../wire/request.ts'
import type { Finding, ServiceAccount, TrustPolicy } from '../../wire/shapes.ts'
import { type AccountPlace, policiesAt } from './addresses.ts'
import { type Draft, gapsOf, membersOf } from './draft.ts'

type Props = {
  place: AccountPlace
  account: ServiceAccount
  draft: Draft
  onName: (name: string) => void
  policy: TrustPolicy | undefined
  etag: string | undefined
  findings: readonly Finding[]
  onSaved: (policy: TrustPolicy) => void
}

/** As a draft or live. What lint has an error against needs a reason; whatever was typed stays when it is refused. */
export function SaveSection({ place, account, draft, onName, policy, etag, findings, onSaved }: Props) {
  const [reason, setReason] = useState('')
  const [isForced, force] = useState(false)
  const held = policy?.managed_by ?? account.managed_by
  const query = held && isForced ? { force: 'true' } : {}
  const save = useDeed(
    (state: TrustPolicy['state']) => {
      const name = draft.name.trim()
      const body = {
        ...(name === '' ? {} : { name }),
        issuer: draft.issuer,
        ...membersOf(draft),
        state,
        ...(isReason(reason) ? { override_reason: reason.trim() } : {}),
      }
      return policy
        ? api.patch<TrustPolicy>(`${policiesAt(place)}/${policy.id}`, body, query, etag)
        : api.post<TrustPolicy>(policiesAt(place), body, query)
    },
    {
      says: ({ name, state }) => (state === 'live' ? `${name} is saved, and live` : `${name} is saved as a draft`),
      onDone: onSaved,
    },
  )
  const errors = [...findings, ...(save.error?.findings ?? [])].filter(({ severity }) => severity === 'error')
  const isReady = draft.issuer !== '' && draft.subject !== '' && gapsOf(draft).length === 0
  const nameError = save.error?.errors.find(({ path }) => path === 'name')?.message
  const taken = save.error?.reason === 'name_taken' ? 'Another policy of the account has this name.' : undefined
  return (
    <Section title="Save">
      <Stack gap="md">
        <TextInput
          label="Name"
          description={policy ? 'A slug.' : 'A slug; one is made when you give none.'}
          value={draft.name}
          onChange={(event) => onName(event.currentTarget.value)}
          error={nameError ?? taken}
          autoComplete="off"
          spellCheck={false}
        />
        {errors.length > 0 && <OverrideReason value={reason} onChange={setReason} />}
        {held && (
          <Alert color="cyan" title={`Kept in ${held}`}>
            <Checkbox
              label="Change it here all the same; the next apply of that file changes it back"
              checked={isForced}
              onChange={(event) => force(event.currentTarget.checked)}
            />
          </Alert>
        )}
        {policy?.state === 'live' && (
          <Text size="sm" c="dimmed">
            Another issuer, subject or condition ends the access tokens that were handed out by it.
          </Text>
        )}
        <ProblemAlert error={save.error} />
        {policy ? (
          <Group>
            <Button onClick={() => save.mutate(policy.state)} loading={save.isPending} disabled={!isReady}>
              Save changes
            </Button>
          </Group>
        ) : (
          <Group>
            <Button onClick={() => save.mutate('live')} loading={save.isPending} disabled={!isReady}>
              Save and make live
            </Button>
            <Button variant="default" onClick={() => save.mutate('draft')} loading={save.isPending} disabled={!isReady}>
              Save as a draft
            </Button>
          </Group>
        )}
        <Text size="xs" c="dimmed">
          {isReady
            ? 'A draft grants nothing: what it would have granted is put on record beside each exchange.'
            : 'It needs an issuer and a subject, and nothing left to fill in.'}
        </Text>
      </Stack>
    </Section>
  )
}
