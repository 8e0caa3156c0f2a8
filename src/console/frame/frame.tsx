import {
  ActionIcon,
  AppShell,
  Burger,
  Button,
  Group,
  Kbd,
  Text,
  Tooltip,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core'
import { useDisclosure, useHotkeys } from '@mantine/hooks'
import { IconMoon, IconSearch, IconSun } from '@tabler/icons-react'
import { Link, lazyRouteComponent, Outlet, useLocation } from '@tanstack/react-router'
import { Suspense, useEffect, useState } from 'react'
import { AccountMenu } from './account-menu.tsx'
import { Mark } from './mark.tsx'
import { Navigation } from './navigation.tsx'
import { SessionEnded } from './session-ended.tsx'

const Palette = lazyRouteComponent(() => import('./palette.tsx'), 'Palette')

/** What stands around every page: where one is, where one may go, who one is. */
export function Frame() {
  const [isOpen, { toggle, close }] = useDisclosure()
  const [palette, setPalette] = useState(false)
  const { pathname } = useLocation()
  useEffect(() => {
    // Gone to another page, the menu is in its way.
    if (pathname) close()
  }, [pathname, close])
  useHotkeys([['mod+K', () => setPalette(true)]], [])
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 248, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding="lg"
    >
      <a href="#main" className="skip">
        Skip to the page
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group wrap="nowrap" gap="sm">
            <Burger
              opened={isOpen}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={isOpen ? 'Close the menu' : 'Open the menu'}
            />
            <UnstyledButton component={Link} to="/" aria-label="Countersign, start">
              <Group gap="xs" wrap="nowrap">
                <Mark size={26} />
                <Text fw={650} visibleFrom="xs">
                  Countersign
                </Text>
              </Group>
            </UnstyledButton>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <Button variant="default" size="xs" leftSection={<IconSearch size={14} />} onClick={() => setPalette(true)}>
              <Group gap="xs" wrap="nowrap">
                Go to…
                <Kbd size="xs" visibleFrom="sm">
                  Ctrl K
                </Kbd>
              </Group>
            </Button>
            <SchemeSwitch />
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label="Console">
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        <Outlet />
      </AppShell.Main>
      <SessionEnded />
      {palette && (
        <Suspense fallback={null}>
          <Palette onClose={() => setPalette(false)} />
        </Suspense>
      )}
    </AppShell>
  )
}

function SchemeSwitch() {
  const { setColorScheme } = useMantineColorScheme()
  const isDark = useComputedColorScheme('light') === 'dark'
  const label = isDark ? 'Light mode' : 'Dark mode'
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="default"
        size="md"
        aria-label={label}
        onClick={() => setColorScheme(isDark ? 'light' : 'dark')}
      >
        {isDark ? <IconSun size={16} /> : <IconMoon size={16} />}
      </ActionIcon>
    </Tooltip>
  )
}
