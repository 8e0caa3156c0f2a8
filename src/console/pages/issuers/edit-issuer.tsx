import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'
import { subjectAlgorithms } from '../../../protocol/oauth.ts'
import { curlOf } from '../../parts/curl.ts'
import { FormBesideCode } from '../../parts/form-beside-code.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { SidePanel } from '../../parts/side-panel.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { fieldErrors } from '../../wire/field-errors.ts'
import { api } from '../../wire/request.ts'
import type { Issuer } from '../../wire/shapes.ts'
import { AdvancedFields } from './advanced-fields.tsx'
import { AudiencesField } from './audiences-field.tsx'
import { useDiscovery } from './discovery.ts'
import { FormFindings, lacksReason } from './form-findings.tsx'
import { cliOf } from './issuer-code.ts'
import { type Body, draftOf, type IssuerDraft, keysOf, patchOf } from './issuer-draft.ts'
import { KeySourceField } from './key-source-field.tsx'
import { LiveDiscovery } from './live-discovery.tsx'
import { ManagedHere } from './managed-here.tsx'
import { useOwnAudiences } from './own-audiences.ts'
import { usePresets } from './use-presets.ts'

type FormProps = {
  org: string
  path: string
  issuer: Issuer
  etag: string | undefined
  /** `name`: what it is called now. */
  onClose: (name?: string) => void
}

export function EditIssuer({ opened, ...props }: FormProps & { opened: boolean }) {
  return (
    <SidePanel title={`Edit ${props.issuer.name}`} opened={opened} onClose={() => props.onClose()} size="64rem">
      {opened && <EditForm {...props} />}
    </SidePanel>
  )
}

/** What is sent is what is different, and only if nobody changed it since it was opened. */
function EditForm({ org, path, issuer, etag, onClose }: FormProps) {
  const [seen] = useState({ before: draftOf(issuer, subjectAlgorithms), etag })
  const [draft, setDraft] = useState<IssuerDraft>(seen.before)
  const client = useQueryClient()
  const [isForced, force] = useState(false)
  const change = (changes: Partial<IssuerDraft>) => setDraft((now) => ({ ...now, ...changes }))
  const own = useOwnAudiences(org)
  const presets = usePresets(org).data?.items ?? []
  const discovery = useDiscovery(org, draft)
  const patch = patchOf(seen.before, draft)
  const save = useDeed((patch: Body) => api.patch<Issuer>(path, patch, isForced ? { force: 'true' } : {}, seen.etag), {
    says: ({ name }) => `Issuer ${name} is changed`,
    onDone: ({ name }) => onClose(name),
  })
  const errors = fieldErrors(save.error)
  const findings = save.error?.findings ?? []
  const lacksKeys = draft.source !== 'discovery' && Object.keys(keysOf(draft)).length === 0
  // What somebody else made of it is on the page when this is closed; what was typed stays until then.
  const isOvertaken = save.error?.reason === 'precondition_failed'
  useEffect(() => {
    if (isOvertaken) void client.invalidateQueries({ queryKey: ['tagged'] })
  }, [isOvertaken, client])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!lacksKeys) save.mutate(patch)
  }
  const cli = cliOf('update', issuer.name, patch)
  const preset = presets.find(({ name }) => name === draft.preset)
  return (
    <FormBesideCode
      codes={[
        { title: 'curl', text: curlOf('PATCH', `/orgs/${org}/issuers/${issuer.name}`, patch) },
        ...(cli === undefined ? [] : [{ title: 'CLI', text: cli }]),
      ]}
    >
      <form onSubmit={submit}>
        <Stack gap="md">
          <ManagedHere by={issuer.managed_by} isForced={isForced} onChange={force} />
          <TextInput
            label="Name"
            description="Policies and files call it so; who named it in a file has to change that too."
            value={draft.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
            error={errors.name}
            maxLength={64}
            spellCheck={false}
            autoComplete="off"
            required
          />
          <Text size="sm">
            The URL stays <span className="mono">{issuer.issuer}</span>, since it is what its tokens are trusted for.
          </Text>
          <KeySourceField draft={draft} change={change} errors={errors} />
          <LiveDiscovery draft={draft} discovery={discovery} presets={presets} change={change} isRegistered />
          <AudiencesField
            value={draft.audiences}
            own={own.audiences}
            preset={preset}
            error={errors.audiences}
            onChange={(audiences) => change({ audiences })}
          />
          <AdvancedFields draft={draft} change={change} errors={errors} presets={presets} preset={preset} />
          <ProblemAlert error={save.error} />
          {isOvertaken && (
            <Text size="sm">Somebody changed it meanwhile. Close this, look at what it is now, and open it again.</Text>
          )}
          <FormFindings findings={findings} draft={draft} setDraft={setDraft} />
          <Group justify="flex-end">
            <Button variant="default" onClick={() => onClose()}>
              Cancel
            </Button>
            <Button
              type="submit"
              loading={save.isPending}
              disabled={Object.keys(patch).length === 0 || lacksReason(findings, draft)}
            >
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </FormBesideCode>
  )
}
