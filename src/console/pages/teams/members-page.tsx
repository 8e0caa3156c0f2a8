import { Alert, Text } from '@mantine/core'
import { IconUserPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { type Column, DataList } from '../../parts/data-list.tsx'
import { Empty } from '../../parts/empty.tsx'
import { LookOnly } from '../../parts/look-only.tsx'
import { PageButton, PageLink } from '../../parts/page-link.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import { membersRoute } from '../../router.ts'
import { useList } from '../../wire/lists.ts'
import { useObject } from '../../wire/objects.ts'
import { isOfTeam, isOrgAdmin, mayChangeTeam } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { Team, TeamMember } from '../../wire/shapes.ts'
import { AddMemberPanel } from './add-member-panel.tsx'
import { MemberDeed } from './member-deeds.tsx'
import { type Asked, memberDeeds } from './membership.tsx'
import { labelOf, teamRoles } from './roles.ts'
import { TeamFrame } from './team-frame.tsx'

export function MembersPage() {
  const { org, team } = membersRoute.useParams()
  const search = membersRoute.useSearch()
  const navigate = membersRoute.useNavigate()
  const { me } = useSession()
  const { data } = useObject<Team>(`/orgs/${org}/teams/${team}`)
  // Roles are known by the team's name, which the address nearly always has: nothing waits for the team.
  const name = data?.name ?? team
  const mayChange = mayChangeTeam(me, name)
  return (
    <TeamFrame
      org={org}
      team={team}
      actions={
        mayChange && (
          <PageButton
            to="/$org/$team/members"
            params={{ org, team }}
            search={{ new: '1' }}
            leftSection={<IconUserPlus size={16} />}
          >
            Add member
          </PageButton>
        )
      }
    >
      {data && !isOfTeam(me, data.name) && (
        <Alert color="blue" title="You are not in this team">
          Its members are shown to those who are in it, and to admins of the organization.
        </Alert>
      )}
      {isOfTeam(me, name) && <Members org={org} team={name} mayChange={mayChange} />}
      {data && mayChange && (
        <AddMemberPanel
          org={org}
          team={data}
          opened={search.new !== undefined}
          onClose={() => void navigate({ search: {}, replace: true })}
        />
      )}
    </TeamFrame>
  )
}

function Members({ org, team, mayChange }: { org: string; team: string; mayChange: boolean }) {
  const { me } = useSession()
  const path = `/orgs/${org}/teams/${team}/members`
  const list = useList<TeamMember>(path)
  const [asked, ask] = useState<Asked<TeamMember>>()
  const columns: Column<TeamMember>[] = [
    { title: 'User', isMain: true, cell: ({ user }) => <UserName org={org} user={user} isLinked={isOrgAdmin(me)} /> },
    { title: 'E-mail address', cell: ({ user }) => user.email },
    { title: 'Role in the team', width: '10rem', cell: ({ role }) => labelOf(teamRoles, role) },
    { title: 'Added', width: '10rem', cell: ({ created_at }) => <RelativeTime at={created_at} /> },
  ]
  if (mayChange) columns.push(memberDeeds(({ user }) => user.username, ask))
  return (
    <>
      {!mayChange && <LookOnly>Members are added and removed by admins of the team.</LookOnly>}
      <DataList
        label="Members"
        list={list}
        columns={columns}
        rowKey={({ id }) => id}
        empty={
          <Empty title="Nobody is in this team yet">
            Members read and write its projects; admins among them run it. Service accounts need no members.
          </Empty>
        }
      />
      {asked && <MemberDeed path={path} team={team} asked={asked} onClose={() => ask(undefined)} />}
    </>
  )
}

export const UserName = ({
  org,
  user,
  isLinked,
}: {
  org: string
  user: { id: string; username: string }
  isLinked: boolean
}) =>
  isLinked ? (
    <PageLink to="/$org/users/$user" params={{ org, user: user.id }} fw={600}>
      {user.username}
    </PageLink>
  ) : (
    <Text span fw={600} size="sm">
      {user.username}
    </Text>
  )
