import { SimpleGrid } from '@mantine/core'
import { CodePanel } from '../../parts/code-panel.tsx'
import { curlOf } from '../../parts/curl.ts'
import { Section } from '../../parts/section.tsx'
import { useSession } from '../../wire/session.ts'
import type { Preset, ServiceAccount, TrustPolicy } from '../../wire/shapes.ts'
import { type AccountPlace, policiesAt } from './addresses.ts'
import { commandOf, fileOf } from './code-texts.ts'
import { type Draft, membersOf } from './draft.ts'

type Props = {
  place: AccountPlace
  account: ServiceAccount
  draft: Draft
  preset: Preset | undefined
  policy: TrustPolicy | undefined
}

/** The job that gets a token by the policy; and the policy without the console. */
export function CodeSection({ place, account, draft, preset, policy }: Props) {
  const { me } = useSession()
  const { name, issuer } = draft
  const team = account.team ?? place.team
  const whole = { ...membersOf(draft), name: name.trim(), issuer, state: policy?.state ?? ('live' as const) }
  const { name: _, cel, state, ...rest } = whole
  const body = {
    ...(whole.name === '' ? {} : { name: whole.name }),
    ...rest,
    ...(cel === null && !policy ? {} : { cel }),
    state,
  }
  const codes = [
    {
      title: 'curl',
      text: curlOf(
        policy ? 'PATCH' : 'POST',
        `${policiesAt({ ...place, team, account: account.name })}${policy ? `/${policy.name}` : ''}`,
        body,
      ),
      note: '$COUNTERSIGN_KEY: an API key of an admin of the team',
    },
    { title: 'CLI', text: commandOf(whole, `${team}/${account.name}`, policy?.name), note: 'After countersign login' },
    {
      title: 'YAML',
      text: fileOf(whole, { organization: me.org ?? place.org, team, account: account.name }),
      note: 'Its place in the organization’s file, for countersign plan and apply',
    },
  ]
  const snippets = preset?.snippets ?? []
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
      {snippets.length > 0 && (
        <Section
          title="The workflow"
          about={`How a job of ${preset?.name === 'custom' ? 'the issuer' : preset?.title} gets an access token of this account.${preset ? ` The audience of its token: ${preset.audience.advice}` : ''}`}
        >
          <CodePanel
            label="The workflow"
            codes={snippets.map(({ title, text }) => ({ title, text }))}
            key={preset?.name}
          />
        </Section>
      )}
      <Section title="The same without the console">
        <CodePanel label="The same without the console" codes={codes} />
      </Section>
    </SimpleGrid>
  )
}
