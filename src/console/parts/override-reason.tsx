import { Stack, Textarea } from '@mantine/core'
import type { Finding } from '../wire/shapes.ts'
import { Findings } from './findings.tsx'

/** The words of who knows better than lint. `findings`: what they are said against, where it is not shown elsewhere. */
export function OverrideReason({
  findings = [],
  value,
  onChange,
}: {
  findings?: readonly Finding[]
  value: string
  onChange: (reason: string) => void
}) {
  return (
    <Stack gap="xs">
      <Findings findings={findings.filter(({ severity }) => severity === 'error')} />
      <Textarea
        label="Why is it right all the same?"
        description={`10 to 500 characters; kept in the audit trail beside your name, and nowhere else. ${value.trim().length} so far.`}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        minLength={10}
        maxLength={500}
        autosize
        minRows={2}
      />
    </Stack>
  )
}

/** As the API takes it. */
export const isReason = (text: string): boolean => text.trim().length >= 10 && text.trim().length <= 500
