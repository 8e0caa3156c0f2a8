import { Group, Tabs, Text } from '@mantine/core'
import { Copy } from './copy.tsx'

/** The same deed, in other ways. Of the curl tab, what a POST would be. */
export type Code = { title: string; text: string; note?: string }

/** `label`: what all of them do. */
export function CodePanel({ label, codes }: { label: string; codes: readonly Code[] }) {
  const [first] = codes
  if (!first) return null
  return (
    <Tabs defaultValue={first.title} variant="pills" keepMounted={false} aria-label={label}>
      <Tabs.List mb="xs" aria-label={label}>
        {codes.map(({ title }) => (
          <Tabs.Tab key={title} value={title} size="xs">
            {title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {codes.map(({ title, text, note }) => (
        <Tabs.Panel key={title} value={title} tabIndex={0}>
          <Group justify="space-between" align="center" mb={4} wrap="nowrap">
            <Text size="xs" c="dimmed">
              {note}
            </Text>
            <Copy text={text} what={title} />
          </Group>
          <pre className="code">{text}</pre>
        </Tabs.Panel>
      ))}
    </Tabs>
  )
}
