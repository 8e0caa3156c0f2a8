import { Accordion, Button, Group, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { curlOf } from '../../parts/curl.ts'
import { FormBesideCode } from '../../parts/form-beside-code.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { issuersRoute } from '../../router.ts'
import { useDeed } from '../../wire/deeds.ts'
import { fieldErrors } from '../../wire/field-errors.ts'
import { api } from '../../wire/request.ts'
import type { Issuer, Preset } from '../../wire/shapes.ts'
import { AdvancedFields } from './advanced-fields.tsx'
import { AudiencesField } from './audiences-field.tsx'
import { useDiscovery } from './discovery.ts'
import { FormFindings, lacksReason } from './form-findings.tsx'
import { cliOf, yamlOfIssuer } from './issuer-code.ts'
import { type Body, bodyOf, emptyDraft, type IssuerDraft, keysOf } from './issuer-draft.ts'
import { KeySourceField } from './key-source-field.tsx'
import { LiveDiscovery } from './live-discovery.tsx'
import { useOwnAudiences } from './own-audiences.ts'
import { UrlField } from './url-field.tsx'
import { issuerNameFor } from './url-forms.ts'

type Props = { org: string; preset: Preset; presets: readonly Preset[] }

/** An issuer is registered here; what its URL leads to is shown while it is typed. */
export function AddIssuerForm({ org, preset, presets }: Props) {
  const navigate = issuersRoute.useNavigate()
  const [draft, setDraft] = useState<IssuerDraft>(() => begun(preset))
  const change = (changes: Partial<IssuerDraft>) => setDraft((before) => ({ ...before, ...changes }))
  const own = useOwnAudiences(org)
  const discovery = useDiscovery(org, draft)
  // Of a URL that says by itself whose it is, nothing more has to be said.
  const isKnown = discovery.found !== undefined && discovery.found.preset === draft.preset
  const body = bodyOf(isKnown ? { ...draft, preset: null } : draft)
  const named = issuerNameFor(draft.issuer.trim(), draft.preset)
  const sent = { ...body, name: draft.name.trim() || named }
  const add = useDeed((body: Body) => api.post<Issuer>(`/orgs/${org}/issuers`, body), {
    says: ({ name }) => `Issuer ${name} is registered`,
    onDone: ({ name }) => void navigate({ to: '/$org/issuers/$issuer', params: { org, issuer: name } }),
  })
  const errors = fieldErrors(add.error)
  const findings = add.error?.findings ?? []
  const lacksKeys = draft.source !== 'discovery' && Object.keys(keysOf(draft)).length === 0
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!lacksKeys) add.mutate(sent)
  }
  return (
    <FormBesideCode codes={codesFor(org, own.organization, sent)}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <PageLink
            to="/$org/issuers"
            params={{ org }}
            search={(before) => ({ ...before, add: '1' })}
            replace
            size="sm"
          >
            Another provider
          </PageLink>
          <UrlField
            preset={preset}
            value={draft.issuer}
            error={errors.issuer}
            onChange={(issuer) => change({ issuer })}
          />
          <KeySourceField draft={draft} change={change} errors={errors} />
          <LiveDiscovery draft={draft} discovery={discovery} presets={presets} change={change} />
          <TextInput
            label="Name"
            description="How policies and files call it: a-z, 0-9, - and _."
            placeholder={named}
            value={draft.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
            error={errors.name}
            maxLength={64}
            spellCheck={false}
            autoComplete="off"
          />
          <AudiencesField
            value={draft.audiences}
            own={own.audiences}
            preset={presets.find(({ name }) => name === (draft.preset ?? discovery.found?.preset))}
            error={errors.audiences}
            onChange={(audiences) => change({ audiences })}
          />
          <Accordion variant="contained">
            <Accordion.Item value="advanced">
              <Accordion.Control>Advanced</Accordion.Control>
              <Accordion.Panel>
                <AdvancedFields draft={draft} change={change} errors={errors} presets={presets} preset={preset} />
              </Accordion.Panel>
            </Accordion.Item>
          </Accordion>
          <ProblemAlert error={add.error} />
          <FormFindings findings={findings} draft={draft} setDraft={setDraft} />
          <Group justify="flex-end">
            <Button type="submit" loading={add.isPending} disabled={lacksReason(findings, draft)}>
              {discovery.found?.ok === false ? 'Register it all the same' : 'Register issuer'}
            </Button>
          </Group>
        </Stack>
      </form>
    </FormBesideCode>
  )
}

/** A provider with one URL for everybody is there at once. */
function begun({ name, issuers }: Preset): IssuerDraft {
  const [first] = issuers
  return { ...emptyDraft, preset: name === 'custom' ? null : name, issuer: first?.url ?? '' }
}

function codesFor(org: string, organization: string, body: Body) {
  const url = String(body.issuer)
  const cli = cliOf('add', url, body)
  return [
    { title: 'curl', text: curlOf('POST', `/orgs/${org}/issuers`, body) },
    ...(cli === undefined
      ? []
      : [{ title: 'CLI', text: cli, ...(body.jwks ? { note: 'keys.json: the key set' } : {}) }]),
    {
      title: 'YAML',
      text: yamlOfIssuer(organization, body),
      note: 'In a file of the organization, for countersign apply',
    },
  ]
}
