import { Anchor, Badge, Button, type CSSVariablesResolver, createTheme, Tooltip } from '@mantine/core'

/** Contrast of all text is at least 4.5 (WCAG 2.2, 1.4.3), that of the edge of what one fills in or chooses 3 (1.4.11), and targets are at least 24 px (2.5.8). */
export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 8, dark: 7 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  headings: {
    fontWeight: '650',
    sizes: { h1: { fontSize: '1.5rem' }, h2: { fontSize: '1.125rem' }, h3: { fontSize: '1rem' } },
  },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Anchor: Anchor.extend({ defaultProps: { underline: 'always' } }),
    Badge: Badge.extend({ defaultProps: { variant: 'light', radius: 'sm', tt: 'none', fw: 600 } }),
    Button: Button.extend({ defaultProps: { radius: 'md' } }),
    Tooltip: Tooltip.extend({ defaultProps: { withArrow: true, openDelay: 300 } }),
  },
})

const colours = ['red', 'green', 'teal', 'yellow', 'orange', 'grape', 'indigo', 'blue', 'cyan', 'gray'] as const
/** Text on a tint of its own colour (badges, alerts) is a shade darker than Mantine has it. */
const tinted = Object.fromEntries(
  colours.map((colour) => [`--mantine-color-${colour}-light-color`, `var(--mantine-color-${colour}-9)`]),
)

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...tinted,
    '--mantine-color-yellow-light-color': '#7a4a00',
    '--mantine-color-orange-light-color': '#8f3d00',
    '--mantine-color-teal-light-color': '#06573c',
    '--mantine-color-green-light-color': '#1c5f2a',
    '--mantine-color-cyan-light-color': '#0a5566',
    '--mantine-color-red-light-color': '#a31515',
    '--mantine-color-gray-light-color': '#3d434b',
    '--mantine-color-dimmed': '#555c66',
    '--mantine-color-error': '#b3261e',
    '--mantine-color-anchor': '#2743b8',
    '--mantine-color-placeholder': '#6b7280',
    '--countersign-good': '#0b6b4b',
    '--countersign-bad': '#b3261e',
    '--countersign-edge': '#7b828c',
    '--countersign-line': '#d8dce3',
    '--countersign-quiet': '#f5f6f9',
  },
  dark: {
    '--mantine-color-dimmed': '#b0b6c0',
    '--mantine-color-error': '#ff9d96',
    '--mantine-color-anchor': '#9db4ff',
    '--mantine-color-placeholder': '#9aa1ab',
    '--countersign-good': '#63d6ab',
    '--countersign-bad': '#ff9d96',
    '--countersign-edge': '#858b94',
    '--countersign-line': '#3b4048',
    '--countersign-quiet': '#1d2026',
  },
})
