import { Group, Stack, Text, ThemeIcon, Title } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { LookOnly } from '../../parts/look-only.tsx'
import { PageButton } from '../../parts/page-link.tsx'
import { Section } from '../../parts/section.tsx'
import { mayChangeOrg } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import { PracticeButton } from './practice-button.tsx'
import type { Progress } from './progress.ts'
import { TryIt } from './try-it.tsx'

/** The way to the first exchange, a step at a time. It goes when it has been gone. */
export function Checklist({ org, progress }: { org: string; progress: Progress }) {
  const { team, issuer, practice, account, policy } = progress
  const may = mayChangeOrg(useSession().me)
  const teamName = account?.team ?? team?.name ?? ''
  const steps: { title: string; about: string; isDone: boolean; action: ReactNode }[] = [
    {
      title: 'Make a team',
      about: 'Service accounts, projects and people stand in teams.',
      isDone: team !== undefined,
      action: may && (
        <PageButton to="/$org/teams" params={{ org }} search={{ new: '1' }}>
          New team
        </PageButton>
      ),
    },
    {
      title: 'Trust an issuer',
      about: 'The platform that signs your workloads’ tokens: GitHub Actions, GitLab, a cluster, an identity provider.',
      isDone: issuer !== undefined,
      action: may && (
        <Group gap="sm">
          <PageButton to="/$org/issuers" params={{ org }} search={{ add: '1' }}>
            Add an issuer
          </PageButton>
          <PracticeButton org={org} />
        </Group>
      ),
    },
    {
      title: 'Make a service account',
      about: 'Whom the workload becomes. Choose “Federated identity”: no secret has to be stored.',
      isDone: account !== undefined,
      action: may && (
        <PageButton to="/$org/$team/service-accounts" params={{ org, team: teamName }} search={{ new: '1' }}>
          New service account
        </PageButton>
      ),
    },
    {
      title: 'Say who may become it',
      about: practice
        ? 'A trust policy: this subject of this issuer. For the practice platform, any subject will do, such as job:train.'
        : 'A trust policy: this subject of this issuer, and nobody else.',
      isDone: policy !== undefined,
      action: may && account && (
        <PageButton
          to="/$org/$team/service-accounts/$account/policies/$policy"
          params={{ org, team: teamName, account: account.name, policy: 'new' }}
        >
          New trust policy
        </PageButton>
      ),
    },
    {
      title: 'See a token granted',
      about: 'Let a job ask, and watch it arrive here.',
      isDone: false,
      action: account && policy && <TryIt org={org} account={account} policy={policy} practice={practice} />,
    },
  ]
  const current = steps.findIndex(({ isDone }) => !isDone)
  return (
    <Section title="To your first exchange" about="Five steps; the last one you watch here.">
      <LookOnly />
      <Stack component="ol" gap="lg" pl={0} style={{ listStyle: 'none' }}>
        {steps.map(({ title, about, isDone, action }, index) => (
          <Group component="li" key={title} align="flex-start" wrap="nowrap">
            <ThemeIcon
              radius="xl"
              size="md"
              variant={index === current ? 'filled' : 'light'}
              color={isDone ? 'green' : index === current ? 'indigo' : 'gray'}
              aria-label={isDone ? 'Done' : index === current ? 'Next' : 'Later'}
              role="img"
            >
              {isDone ? <IconCheck size={16} /> : index + 1}
            </ThemeIcon>
            <Stack gap={6} style={{ flex: 1, minWidth: 0 }}>
              <Title order={3}>{title}</Title>
              {!isDone && (
                <Text size="sm" c="dimmed">
                  {about}
                </Text>
              )}
              {index === current && action}
            </Stack>
          </Group>
        ))}
      </Stack>
    </Section>
  )
}
