import { Button, Loader, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { CodePanel } from '../../parts/code-panel.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { serviceUrl } from '../../wire/base.ts'
import { useDeed } from '../../wire/deeds.ts'
import { mayChangeOrg } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { Issuer, ServiceAccount, TrustPolicy } from '../../wire/shapes.ts'
import { claimsFor } from './claims-for.ts'
import { isReady, openPractice, signPractice } from './practice-platform.ts'

type Props = { org: string; account: ServiceAccount; policy: TrustPolicy; practice: Issuer | undefined }

/** How the job asks; and a token of the practice platform, where that is the one. */
export function TryIt({ org, account, policy, practice }: Props) {
  const audience = `${serviceUrl}/orgs/${org}`
  const { me } = useSession()
  const [token, setToken] = useState<string>()
  const sign = useDeed(
    async () => {
      // Whoever has loaded the page anew has no key any more: the issuer gets the new one.
      if (!isReady(org)) await openPractice(org, practice)
      return signPractice(org, { ...claimsFor(policy), aud: audience })
    },
    { onDone: setToken },
  )
  const isPractice = practice !== undefined && policy.issuer_id === practice.id
  const curl = (assertion: string) =>
    `curl -sS '${serviceUrl}/oauth/token' \\\n  -d grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer \\\n  -d assertion=${assertion}`
  return (
    <Stack gap="sm">
      {isPractice && token === undefined && mayChangeOrg(me) && (
        <Button onClick={() => sign.mutate(undefined)} loading={sign.isPending} style={{ alignSelf: 'flex-start' }}>
          Sign a token, as a job’s platform would
        </Button>
      )}
      <ProblemAlert error={sign.error} />
      {isPractice && token !== undefined && (
        <CodePanel
          label="What the job sends"
          codes={[
            { title: 'curl', text: curl(token), note: 'Paste it into a terminal. The token lives for five minutes.' },
          ]}
        />
      )}
      {!isPractice && (
        <>
          <CodePanel
            label="What the job sends"
            codes={[
              {
                title: 'CLI',
                text: `COUNTERSIGN_URL=${audience} countersign token`,
                note: 'In the job: it finds the platform’s token.',
              },
              { title: 'curl', text: curl('$TOKEN'), note: `$TOKEN: the platform’s, for the audience ${audience}` },
            ]}
          />
          <Text size="sm">
            Snippets for your platform are on the page of{' '}
            <PageLink to="/$org/issuers/$issuer" params={{ org, issuer: policy.issuer }}>
              the issuer
            </PageLink>
            .
          </Text>
        </>
      )}
      <Text size="sm" c="dimmed" role="status">
        <Loader size="xs" mr="xs" aria-hidden />
        Waiting for {account.name} to be granted a token. Refusals are{' '}
        <PageLink to="/$org/exchanges" params={{ org }} search={{ result: 'refused' }}>
          explained here
        </PageLink>
        .
      </Text>
    </Stack>
  )
}
