import { Alert, Stack, Text } from '@mantine/core'
import { IconAlertOctagon, IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { Finding } from '../wire/shapes.ts'

const looks = {
  error: { color: 'red', icon: <IconAlertOctagon />, word: 'Refused unless you say why' },
  warn: { color: 'yellow', icon: <IconAlertTriangle />, word: 'Weak' },
  info: { color: 'blue', icon: <IconInfoCircle />, word: 'Note' },
} as const

/** What lint says. `mend`: what stands beside a finding that says how it would be better. */
export function Findings({ findings, mend }: { findings: readonly Finding[]; mend?: (finding: Finding) => ReactNode }) {
  return (
    <Stack gap="xs">
      {findings.map((finding) => {
        const { color, icon, word } = looks[finding.severity]
        return (
          <Alert
            key={`${finding.rule} ${finding.message}`}
            color={color}
            icon={icon}
            title={`${word} (${finding.rule})`}
            py="xs"
          >
            <Text size="sm">{finding.message}</Text>
            {finding.better && mend?.(finding)}
          </Alert>
        )
      })}
    </Stack>
  )
}
