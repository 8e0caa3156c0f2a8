import { Button, Skeleton, Stack, Text } from '@mantine/core'
import { Findings } from '../../parts/findings.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { Section } from '../../parts/section.tsx'
import { gapsOf, type Members } from './draft.ts'
import { strengthOf } from './strength.ts'
import { StrengthMeter } from './strength-meter.tsx'
import type { Builder } from './use-builder.ts'
import type { useLint } from './use-lint.ts'

type Props = {
  builder: Builder
  lint: ReturnType<typeof useLint>
  /** False: it is only looked at. */
  mayChange: boolean
  /** What is there already is judged for the first time. */
  isOpening: boolean
}

/** How strong it is, and what lint says, while it is being written. */
export function JudgedSection({ builder, lint, mayChange, isOpening }: Props) {
  const { draft, preset } = builder
  const isWritten = draft.issuer !== '' && draft.subject !== ''
  const hasGaps = gapsOf(draft).length > 0
  const canSay = isWritten && !hasGaps && lint.isSettled && !lint.error
  if (isOpening)
    return (
      <Section title="How strong it is">
        <Skeleton height={170} role="status" aria-label="Loading how strong it is" />
      </Section>
    )
  return (
    <Section title="How strong it is">
      <Stack gap="md">
        <StrengthMeter
          strength={canSay ? strengthOf(draft, preset, lint.findings) : undefined}
          why={
            !isWritten
              ? 'It needs an issuer and a subject.'
              : hasGaps
                ? 'Something is still to be filled in.'
                : lint.error
                  ? 'It cannot be judged as it stands.'
                  : 'Being judged…'
          }
        />
        <ProblemAlert
          error={lint.error}
          title={mayChange ? 'It could not be saved like this' : 'It cannot be judged'}
          {...(lint.error && lint.error.status !== 422 ? { retry: lint.retry } : {})}
        />
        {!lint.error && (
          <Findings findings={lint.findings} mend={(finding) => mayChange && mend(finding.better, builder)} />
        )}
        {canSay && lint.findings.length === 0 && (
          <Text size="sm" c="dimmed">
            Lint has nothing to say against it.
          </Text>
        )}
      </Stack>
    </Section>
  )
}

/** Only what a policy has: a finding can speak of the account or the issuer, too. */
function mend(better: Record<string, unknown> | undefined, builder: Builder) {
  const members = ['subject', 'match', 'conditions', 'cel'].filter((name) => better && Object.hasOwn(better, name))
  if (!better || members.length === 0) return null
  const changes = Object.fromEntries(members.map((name) => [name, better[name]])) as Partial<Members>
  return (
    <div>
      <pre className="code" style={{ margin: '0.5rem 0' }}>
        {Object.entries(changes)
          .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
          .join('\n')}
      </pre>
      <Button size="xs" variant="default" onClick={() => builder.mend(changes)}>
        Apply this
      </Button>
    </div>
  )
}
