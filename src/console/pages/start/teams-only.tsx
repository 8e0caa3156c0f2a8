import { List } from '@mantine/core'
import { PageLink } from '../../parts/page-link.tsx'
import { Section } from '../../parts/section.tsx'
import { teamsOf } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'

/** For those who administer no organization: where their own things are. */
export function TeamsOnly({ org }: { org: string }) {
  const { me } = useSession()
  const teams = teamsOf(me)
  return (
    <Section
      title="Your teams"
      about="An admin of the organization sees more here: exchanges, issuers, who may do what."
    >
      {teams.length === 0 ? (
        'You are in no team yet. An admin of a team can add you.'
      ) : (
        <List>
          {teams.map(({ team, role }) => (
            <List.Item key={team}>
              <PageLink to="/$org/$team/service-accounts" params={{ org, team }}>
                {team}
              </PageLink>{' '}
              as {role}
            </List.Item>
          ))}
        </List>
      )}
    </Section>
  )
}
