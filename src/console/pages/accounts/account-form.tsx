import { Button, Checkbox, Group, Radio, Stack } from '@mantine/core'
import type { FormEvent } from 'react'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { TeamPicker } from '../../parts/team-picker.tsx'
import { fieldErrors } from '../../wire/field-errors.ts'
import type { Problem } from '../../wire/problem.ts'
import { isOrgAdmin } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import { collectionOf, type Draft, methodOf, nameFault } from './account-draft.ts'
import { AccessField, DescriptionField, LifetimeField } from './account-fields.tsx'
import { MethodField } from './method-field.tsx'
import { NameField } from './name-field.tsx'

type Props = {
  org: string
  draft: Draft
  onChange: (draft: Draft) => void
  /** On the tab of a team the scope is that team. */
  isOfTeam: boolean
  error: Problem | null
  isRunning: boolean
  onSubmit: () => void
  onCancel: () => void
}

/** Everything that an account is made with. What was typed stays, whatever the service says. */
export function AccountForm({ org, draft, onChange, isOfTeam, error, isRunning, onSubmit, onCancel }: Props) {
  const { me } = useSession()
  const set = (changes: Partial<Draft>) => onChange({ ...draft, ...changes })
  const said = fieldErrors(error)
  const isReady = draft.name !== '' && nameFault(draft.name) === undefined && draft.team !== ''
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isReady) onSubmit()
  }
  const isFederated = methodOf(draft) === 'federated'
  return (
    <form onSubmit={submit} aria-label="New service account">
      <Stack gap="md">
        <NameField
          value={draft.name}
          onChange={(name) => set({ name })}
          collection={draft.scope === 'team' && draft.team === '' ? undefined : collectionOf(org, draft)}
          error={said.name ?? (error?.reason === 'name_taken' ? 'This name is taken; choose another' : undefined)}
          autoFocus
        />
        {!isOfTeam && (
          <Radio.Group label="Scope" value={draft.scope} onChange={(scope) => set({ scope: scope as Draft['scope'] })}>
            <Stack gap="xs" mt="xs">
              <Radio
                value="organization"
                label="Organization"
                description="Works in the projects of every team, but restricted ones"
              />
              <Radio value="team" label="Team" description="Works in the projects of one team" />
            </Stack>
          </Radio.Group>
        )}
        {!isOfTeam && (
          <TeamPicker
            org={org}
            label={draft.scope === 'organization' ? 'Default team' : 'Team'}
            description={
              draft.scope === 'organization'
                ? 'Whose project is meant when a job names a project without its team'
                : 'Whose account it is; it stays so'
            }
            placeholder="Look for a team"
            required
            value={draft.team}
            onChange={(team) => set({ team })}
            error={said.default_team}
          />
        )}
        <MethodField org={org} scope={draft.scope} value={draft.method} onChange={(method) => set({ method })} />
        <AccessField value={draft.access} onChange={(access) => set({ access })} />
        <LifetimeField value={draft.tokenTtl} onChange={(tokenTtl) => set({ tokenTtl })} error={said.token_ttl} />
        <DescriptionField
          value={draft.description}
          onChange={(description) => set({ description })}
          error={said.description}
        />
        <details>
          <summary>Advanced</summary>
          <Stack gap="sm" mt="sm">
            {isOrgAdmin(me) && (
              <Checkbox
                label="It administers its scope"
                description={`Infrastructure as code: it may do what an admin of the ${draft.scope} may. It stays so.`}
                checked={draft.admin}
                onChange={(event) => set({ admin: event.currentTarget.checked })}
              />
            )}
            <Checkbox
              label="Tokens are bound to a key (DPoP)"
              description="A token works only with proof of a key that the workload holds (RFC 9449)"
              checked={draft.dpop}
              onChange={(event) => set({ dpop: event.currentTarget.checked })}
            />
          </Stack>
        </details>
        <ProblemAlert error={error} title="The service account was not created" />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={isRunning} disabled={!isReady}>
            {isFederated ? 'Create, and choose whom it trusts' : 'Create'}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
