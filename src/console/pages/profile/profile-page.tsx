import { Facts } from '../../parts/facts.tsx'
import { Page } from '../../parts/page.tsx'
import { Section } from '../../parts/section.tsx'
import { isOrgAdmin, teamsOf } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import { KeysSection } from '../keys/keys-section.tsx'
import { OtherOrganizations } from './other-organizations.tsx'
import { SessionsSection } from './sessions-section.tsx'

const kinds = {
  operator: 'Operator',
  user: 'Person',
  service_account: 'Service account',
  resource_server: 'Resource server',
}

/** Who is signed in, and where else. */
export function ProfilePage() {
  const session = useSession()
  const { me } = session
  const teams = teamsOf(me)
  return (
    <Page title="Profile" about="Who you are here, and where you are signed in.">
      <Section title="You">
        <Facts
          rows={[
            ['Name', me.name ?? kinds[me.type]],
            ['Kind', kinds[me.type]],
            me.org !== undefined && ['Organization', me.org],
            me.role !== undefined && ['Role', me.role],
            me.type === 'user' && [
              'Teams',
              teams.length === 0 ? 'none' : teams.map(({ team, role }) => `${team} (${role})`).join(', '),
            ],
          ]}
        />
      </Section>
      <OtherOrganizations session={session} />
      <SessionsSection />
      {me.type === 'user' && me.org && isOrgAdmin(me) && (
        <KeysSection
          org={me.org}
          path={`/orgs/${me.org}/users/${me.id}/keys`}
          owner={`--user ${me.name}`}
          mayChange={true}
        />
      )}
    </Page>
  )
}
