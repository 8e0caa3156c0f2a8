import { VisuallyHidden } from '@mantine/core'
import { IconCircleCheck, IconCircleMinus, IconCircleX } from '@tabler/icons-react'

const looks = {
  ok: [<IconCircleCheck key="ok" size={20} aria-hidden />, 'holds'],
  failed: [<IconCircleX key="failed" size={20} aria-hidden />, 'failed'],
  skipped: [<IconCircleMinus key="skipped" size={20} aria-hidden />, 'not looked at'],
} as const

/** How a step or a condition came out, by form, colour and word. */
export const OutcomeIcon = ({ outcome }: { outcome: keyof typeof looks }) => (
  <span className={`outcome-${outcome}`}>
    {looks[outcome][0]}
    <VisuallyHidden>{looks[outcome][1]}</VisuallyHidden>
  </span>
)
