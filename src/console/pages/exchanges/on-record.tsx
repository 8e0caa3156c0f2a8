import { SimpleGrid, Text } from '@mantine/core'
import { Copyable } from '../../parts/copy.tsx'
import { Facts } from '../../parts/facts.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import { absolute, RelativeTime } from '../../parts/relative-time.tsx'
import { Section } from '../../parts/section.tsx'
import type { AuditEvent } from '../../wire/shapes.ts'
import { AccountLink } from './account-link.tsx'
import { ClaimsTable } from './claims-table.tsx'
import { recordedIn } from './recorded.ts'

/** What is on record of an exchange: who asked from where, for what, and what the token said. */
export function OnRecord({ org, event }: { org: string; event: AuditEvent }) {
  const it = recordedIn(event)
  const { ip, user_agent } = event.client
  return (
    <>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Section title="Who asked, from where">
          <Facts
            rows={[
              [
                'Time',
                <>
                  {absolute(event.at)} (<RelativeTime at={event.at} />)
                </>,
              ],
              ['Subject', it.subject ?? <None />],
              ['Issuer', it.issuer ?? <None />],
              ['Audience', it.audiences.length > 0 ? it.audiences.join(', ') : <None key="audience" />],
              ['Address', ip],
              ['Client', user_agent || <None />],
              ['Request', <Copyable key="id" text={event.request_id} what="request id" />],
              [
                'In the audit trail',
                <PageLink
                  inherit
                  key="trail"
                  to="/$org/audit"
                  params={{ org }}
                  search={{ request_id: event.request_id }}
                >
                  All events of this request
                </PageLink>,
              ],
            ]}
          />
        </Section>
        <Section title={it.isGranted ? 'What was asked for and given' : 'What was asked for'}>
          <Facts
            rows={[
              ['Grant', it.grantType ?? <None />],
              ['Account asked for', it.asked ?? <None word="none in particular" />],
              it.account !== undefined && [
                it.isGranted ? 'Became' : 'Stands for',
                <AccountLink key="account" org={org} account={it.account} />,
              ],
              it.user !== undefined && ['Became the user', it.user],
              it.isGranted && ['Scope', it.scope ?? <None />],
              it.isGranted && ['For', it.target ?? <None />],
              it.expiresAt !== undefined && ['Token expires', <RelativeTime key="expires" at={it.expiresAt} />],
              it.jti !== undefined && ['Token id (jti)', <Copyable key="jti" text={it.jti} what="token id" />],
              it.policy !== undefined && [
                'By the policy',
                <span key="policy" className="mono">
                  {it.policy}
                </span>,
              ],
              it.message !== undefined && ['The job was told', it.message],
              it.refusedAs !== undefined && ['Refused before as', it.refusedAs],
            ]}
          />
        </Section>
      </SimpleGrid>
      <Section
        title="What the token said"
        about="As the audit trail kept it: what looks like a secret was left out, and what is too long was cut."
      >
        <ClaimsTable label="Claims of the token" claims={it.claims} />
      </Section>
    </>
  )
}

const None = ({ word = 'not known' }: { word?: string }) => (
  <Text span size="sm" c="dimmed">
    {word}
  </Text>
)
