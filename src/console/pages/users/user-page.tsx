import { Alert, List, Text } from '@mantine/core'
import { Copyable } from '../../parts/copy.tsx'
import { Facts } from '../../parts/facts.tsx'
import { LookOnly } from '../../parts/look-only.tsx'
import { Page } from '../../parts/page.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import { Section } from '../../parts/section.tsx'
import { Trail } from '../../parts/trail.tsx'
import { userRoute } from '../../router.ts'
import { useObject } from '../../wire/objects.ts'
import { isOrgAdmin, mayChangeOrg } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { User } from '../../wire/shapes.ts'
import { KeysSection } from '../keys/keys-section.tsx'
import { labelOf, teamRoles } from '../teams/roles.ts'
import { TeamLink } from '../teams/team-link.tsx'
import { RoleBadge } from './role-badge.tsx'
import { UserActions } from './user-actions.tsx'

export function UserPage() {
  const { org, user: id } = userRoute.useParams()
  const { me } = useSession()
  const isAdmin = isOrgAdmin(me)
  const may = mayChangeOrg(me)
  const path = `/orgs/${org}/users/${id}`
  const { data: user, error, refetch, isPending } = useObject<User>(isAdmin ? path : undefined)
  if (!isAdmin)
    return (
      <Page title="User">
        <Alert color="blue" title="Shown to admins of the organization">
          What you are yourself stands in your profile.
        </Alert>
      </Page>
    )
  return (
    <Page
      title={user?.username ?? id}
      trail={
        <Trail>
          <PageLink to="/$org/users" params={{ org }} size="sm">
            Users
          </PageLink>
        </Trail>
      }
      about={user ? user.email : 'A user'}
      badges={user && <RoleBadge role={user.role} />}
      actions={may && user && <UserActions org={org} user={user} />}
    >
      <LookOnly />
      {error && <ProblemAlert error={error} retry={() => void refetch()} />}
      {isPending && <div role="status" aria-label="Loading the user" style={{ minHeight: '24rem' }} />}
      {user && (
        <>
          <Section title="About">
            <Facts
              rows={[
                ['User name', user.username],
                ['E-mail address', user.email],
                ['Id', <Copyable key="id" text={user.id} what="id" />],
                ['Created', <RelativeTime key="created" at={user.created_at} />],
                ['Changed', <RelativeTime key="changed" at={user.updated_at} />],
              ]}
            />
          </Section>
          <Section title="Teams" about="Members are added on the page of a team.">
            <TeamsOf org={org} user={user} />
          </Section>
          <KeysSection org={org} path={`${path}/keys`} owner={`--user ${user.username}`} mayChange={may} />
        </>
      )}
    </Page>
  )
}

function TeamsOf({ org, user }: { org: string; user: User }) {
  const { teams = [] } = user
  if (teams.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {user.username} is in no team.
      </Text>
    )
  return (
    <List listStyleType="none" spacing="xs">
      {teams.map((team) => (
        <List.Item key={team.id}>
          <TeamLink org={org} team={team} />{' '}
          <Text span size="sm" c="dimmed">
            as {labelOf(teamRoles, team.role).toLowerCase()}
          </Text>
        </List.Item>
      ))}
    </List>
  )
}
