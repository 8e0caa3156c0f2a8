import { Accordion, Stack, Text, Textarea } from '@mantine/core'
import { Section } from '../../parts/section.tsx'
import type { Problem } from '../../wire/problem.ts'
import { ClaimChips } from './claim-chips.tsx'
import { ConditionsEditor } from './conditions-editor.tsx'
import { gapsOf } from './draft.ts'
import { GapsForm } from './gaps-form.tsx'
import { SubjectFields } from './subject-fields.tsx'
import type { Builder } from './use-builder.ts'

/** Subject, claims, conditions and, for those who want it, an expression. */
export function AskedSection({ builder, problem }: { builder: Builder; problem: Problem | null }) {
  const { draft, change, preset, known, groups } = builder
  const gaps = gapsOf(draft)
  const errorAt = (path: string) =>
    problem?.errors.find((error) => error.path === path || error.path.startsWith(`${path}.`))?.message
  return (
    <Section title="What a token has to say" about="All of it has to hold.">
      <Stack gap="lg">
        {gaps.length > 0 && <GapsForm gaps={gaps} preset={preset} onFill={builder.fill} />}
        <SubjectFields draft={draft} onChange={change} preset={preset} known={known} error={errorAt('subject')} />
        {groups.length > 0 && <ClaimChips groups={groups} draft={draft} onToggle={builder.toggle} />}
        <div>
          <Text size="sm" fw={600} mb={6}>
            Conditions
          </Text>
          <ConditionsEditor rows={draft.rows} onChange={(rows) => change({ rows })} preset={preset} errorAt={errorAt} />
        </div>
        <Accordion variant="contained" defaultValue={draft.cel === '' ? null : 'cel'} order={3}>
          <Accordion.Item value="cel">
            <Accordion.Control>Advanced: an expression</Accordion.Control>
            <Accordion.Panel>
              <Textarea
                label="CEL"
                description="Over claims; it has to be true as well."
                placeholder="claims.ref_protected == 'true' && claims.event_name in ['push', 'workflow_dispatch']"
                value={draft.cel}
                onChange={(event) => change({ cel: event.currentTarget.value })}
                error={errorAt('cel')}
                autosize
                minRows={2}
                spellCheck={false}
                styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
              />
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
      </Stack>
    </Section>
  )
}
