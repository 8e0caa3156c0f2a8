import { Stack, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { Code } from '../../parts/code-panel.tsx'
import { curlOf } from '../../parts/curl.ts'
import { FormBesideCode } from '../../parts/form-beside-code.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'
import { SidePanel } from '../../parts/side-panel.tsx'
import { serviceUrl } from '../../wire/base.ts'
import { useDeed } from '../../wire/deeds.ts'
import { api } from '../../wire/request.ts'
import type { CreatedAccount } from '../../wire/shapes.ts'
import { bodyOf, cliOf, collectionOf, type Draft, emptyDraft, fileOf, methodOf, sdkOf } from './account-draft.ts'
import { AccountForm } from './account-form.tsx'
import { codesToUse } from './codes-to-use.ts'

type Props = {
  org: string
  /** On the tab of a team: it, as the address has it. */
  team?: string
  opened: boolean
  onClose: () => void
}

/** Makes a service account, beside the same deed in other ways. */
export function NewAccountPanel({ org, team, opened, onClose }: Props) {
  // A form of its own each time that it is opened.
  return opened && <Open org={org} {...(team === undefined ? {} : { team })} onClose={onClose} />
}

function Open({ org, team, onClose }: Omit<Props, 'opened'>) {
  const navigate = useNavigate()
  const [draft, setDraft] = useState<Draft>(team === undefined ? emptyDraft : { ...emptyDraft, scope: 'team', team })
  const [made, setMade] = useState<CreatedAccount>()
  const create = useDeed(() => api.post<CreatedAccount>(collectionOf(org, draft), bodyOf(draft)), {
    says: ({ name }) => `Service account ${name} is created`,
    onDone(account) {
      if (account.api_key !== undefined) return setMade(account)
      void navigate({
        to: '/$org/$team/service-accounts/$account/policies/$policy',
        params: {
          org,
          team: team ?? draft.team,
          account: account.name,
          policy: 'new',
        },
      })
    },
  })
  const close = () => {
    setMade(undefined)
    onClose()
  }
  if (made?.api_key !== undefined)
    return (
      <SidePanel title={`${made.name} is created`} opened onClose={close} mayDismiss={false}>
        <KeyOf org={org} account={made} apiKey={made.api_key} onDone={close} />
      </SidePanel>
    )
  return (
    <SidePanel title="New service account" opened onClose={onClose}>
      <FormBesideCode codes={codesOf(org, draft)}>
        <AccountForm
          org={org}
          draft={draft}
          onChange={setDraft}
          isOfTeam={team !== undefined}
          error={create.error}
          isRunning={create.isPending}
          onSubmit={() => create.mutate(undefined)}
          onCancel={onClose}
        />
      </FormBesideCode>
    </SidePanel>
  )
}

function codesOf(org: string, draft: Draft): Code[] {
  const isBuiltIn = methodOf(draft) === 'api_key'
  const named = { ...draft, name: draft.name || 'NAME', team: draft.team || 'TEAM' }
  return [
    {
      title: 'curl',
      text: curlOf('POST', collectionOf(org, named), bodyOf(named)),
      note: `COUNTERSIGN_KEY is an admin's${isBuiltIn ? '; the answer has the new key, once' : ''}`,
    },
    {
      title: 'CLI',
      text: cliOf(draft),
      note: isBuiltIn ? 'Prints the new key, once' : 'Then countersign policy create, for whom it trusts',
    },
    {
      title: 'YAML',
      text: fileOf(org, draft),
      note: isBuiltIn ? 'countersign apply; a key is made by countersign key create' : 'countersign apply',
    },
    {
      title: 'SDK',
      text: sdkOf(`${serviceUrl}/orgs/${org}`, { ...draft, method: methodOf(draft) }),
      note: 'How the workload uses it',
    },
  ]
}

type KeyProps = { org: string; account: CreatedAccount; apiKey: string; onDone: () => void }

function KeyOf({ org, account, apiKey, onDone }: KeyProps) {
  return (
    <FormBesideCode codes={codesToUse(org, account)} title="How a workload uses it">
      <Stack gap="sm">
        <ShownOnce secret={apiKey} onDone={onDone} />
        <Text size="sm" c="dimmed">
          This first key does not expire by itself. On the account's page it can be rotated, and a key that ends can be
          made in its place.
        </Text>
      </Stack>
    </FormBesideCode>
  )
}
