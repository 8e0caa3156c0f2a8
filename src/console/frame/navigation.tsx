import { Box, Divider, NavLink, Text } from '@mantine/core'
import {
  IconActivity,
  IconBook,
  IconBuilding,
  IconHistory,
  IconHome,
  IconRobot,
  IconServer,
  IconSettings,
  IconShieldCheck,
  IconShieldLock,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react'
import { useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { PageNav } from '../parts/page-link.tsx'
import { base } from '../wire/base.ts'
import { useObject } from '../wire/objects.ts'
import { isAnyTeamAdmin, isOperator } from '../wire/rights.ts'
import { useSession } from '../wire/session.ts'
import type { Page, Team } from '../wire/shapes.ts'

/** Where one may go: the organization, its teams, the installation for its operator. */
export function Navigation() {
  const { me } = useSession()
  const params = useParams({ strict: false })
  const org = params.org ?? me.org
  return (
    // What scrolls is reached by keyboard.
    <Box flex={1} style={{ overflowY: 'auto' }} tabIndex={0} role="group" aria-label="Pages">
      {isOperator(me) && (
        <>
          <PageNav
            to="/installation"
            label="Installation"
            leftSection={<IconBuilding size={16} />}
            activeOptions={{ exact: true }}
          />
          <Divider my="xs" />
        </>
      )}
      {org ? <OfOrganization org={org} /> : <ApiReference />}
    </Box>
  )
}

function OfOrganization({ org }: { org: string }) {
  const { me } = useSession()
  const params = { org }
  const mayLook = isAnyTeamAdmin(me)
  return (
    <>
      <Heading>{org}</Heading>
      <PageNav
        to="/$org"
        params={params}
        label="Overview"
        leftSection={<IconHome size={16} />}
        activeOptions={{ exact: true }}
      />
      <PageNav
        to="/$org/service-accounts"
        params={params}
        label="Service accounts"
        leftSection={<IconRobot size={16} />}
      />
      <PageNav to="/$org/issuers" params={params} label="Issuers" leftSection={<IconShieldCheck size={16} />} />
      {mayLook && (
        <PageNav to="/$org/exchanges" params={params} label="Exchanges" leftSection={<IconActivity size={16} />} />
      )}
      {mayLook && (
        <PageNav to="/$org/hygiene" params={params} label="Hygiene" leftSection={<IconShieldLock size={16} />} />
      )}
      {mayLook && <PageNav to="/$org/audit" params={params} label="Audit" leftSection={<IconHistory size={16} />} />}
      <PageNav to="/$org/users" params={params} label="Users" leftSection={<IconUsers size={16} />} />
      <PageNav
        to="/$org/resource-servers"
        params={params}
        label="Resource servers"
        leftSection={<IconServer size={16} />}
      />
      <PageNav to="/$org/settings" params={params} label="Settings" leftSection={<IconSettings size={16} />} />
      <ApiReference />
      <Divider my="xs" />
      <Teams org={org} />
    </>
  )
}

/** As many as fit; the rest is on the page of all. */
function Teams({ org }: { org: string }) {
  const { data } = useObject<Page<Team>>(`/orgs/${org}/teams`, { limit: 20 })
  // Its projects and members are the team's pages too.
  const at = useParams({ strict: false }).team
  return (
    <>
      <Heading>Teams</Heading>
      <PageNav
        to="/$org/teams"
        params={{ org }}
        label="All teams"
        leftSection={<IconUsersGroup size={16} />}
        activeOptions={{ exact: true }}
      />
      {data?.items.map((team) => (
        <PageNav
          key={team.id}
          to="/$org/$team/service-accounts"
          params={{ org, team: team.name }}
          label={team.display_name ?? team.name}
          active={at === team.name || at === team.id}
          pl="xl"
        />
      ))}
    </>
  )
}

const Heading = ({ children }: { children: ReactNode }) => (
  <Text size="xs" fw={650} c="dimmed" px="sm" py={4}>
    {children}
  </Text>
)

const ApiReference = () => (
  <NavLink
    component="a"
    href={`${base}/docs`}
    target="_blank"
    label="API reference"
    leftSection={<IconBook size={16} />}
  />
)
