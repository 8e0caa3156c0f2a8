import { Button } from '@mantine/core'
import { Findings } from '../../parts/findings.tsx'
import { isReason, OverrideReason } from '../../parts/override-reason.tsx'
import type { Finding } from '../../wire/shapes.ts'
import { bettered, type IssuerDraft } from './issuer-draft.ts'

type Props = { findings: readonly Finding[]; draft: IssuerDraft; setDraft: (draft: IssuerDraft) => void }

/** What lint says against the form: what would be better at one click, or a word why it is right as it is. */
export function FormFindings({ findings, draft, setDraft }: Props) {
  return (
    <>
      <Findings
        findings={findings}
        mend={({ better }) => {
          const after = bettered(draft, better)
          return (
            after && (
              <Button mt="xs" size="xs" variant="default" onClick={() => setDraft(after)}>
                Do it so
              </Button>
            )
          )
        }}
      />
      {isRefused(findings) && (
        <OverrideReason
          value={draft.overrideReason}
          onChange={(overrideReason) => setDraft({ ...draft, overrideReason })}
        />
      )}
    </>
  )
}

const isRefused = (findings: readonly Finding[]) => findings.some(({ severity }) => severity === 'error')

/** Whether a word is begun that is too short yet. */
export const lacksReason = (findings: readonly Finding[], { overrideReason }: IssuerDraft): boolean =>
  isRefused(findings) && overrideReason !== '' && !isReason(overrideReason)
