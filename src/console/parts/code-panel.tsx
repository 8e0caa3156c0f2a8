import { Group, Tabs, Text } from '@mantine/core'
import { Copy } from './copy.tsx'

/** The same deed, in other ways. Of the curl tab, what a POST would be. */
export type Code = { title: string; text: string; note?: string }

/** `label`: what all of them do. Titles may be any text: ids are made of numbers. */
export function CodePanel({ label, codes }: { label: string; codes: readonly Code[] }) {
  if (codes.length === 0) return null
  return (
    <Tabs defaultValue="0" variant="pills" keepMounted={false} aria-label={label}>
      <Tabs.List mb="xs" aria-label={label}>
        {codes.map(({ title }, at) => (
          <Tabs.Tab
            key={title}
            value={`${at}`}
            size="xs"
            styles={{ tab: { maxWidth: '100%' }, tabLabel: { whiteSpace: 'normal', textAlign: 'left' } }}
          >
            {title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {codes.map(({ title, text, note }, at) => (
        <Tabs.Panel key={title} value={`${at}`} tabIndex={0}>
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
