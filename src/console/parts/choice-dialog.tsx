import { Alert, Button, Group, Radio, Stack, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { type FormEvent, type ReactNode, useState } from 'react'
import { Dialog } from './dialog.tsx'
import { ProblemAlert } from './problem-alert.tsx'

export type Choice<V extends string> = { value: V; label: string; about: string }
type Props<V extends string> = {
  title: string
  /** What is chosen. */
  label: string
  choices: readonly Choice<V>[]
  current: V
  /** What the choice would change that somebody should know first. */
  warning?: (chosen: V) => ReactNode
  /** What the button says. */
  deed: (chosen: V) => string
  onClose: () => void
  onChoose: (chosen: V) => void
  isRunning: boolean
  error?: unknown
  children?: ReactNode
}

/** One of a few, each with what it means. */
export function ChoiceDialog<V extends string>(props: Props<V>) {
  const { title, label, choices, current, warning, deed, onClose, onChoose, isRunning, error, children } = props
  const [chosen, setChosen] = useState(current)
  const said = chosen === current ? null : warning?.(chosen)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onChoose(chosen)
  }
  return (
    <Dialog title={title} opened onClose={onClose}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Choices label={label} choices={choices} value={chosen} onChange={setChosen} />
          <div aria-live="polite">
            {said && (
              <Alert color="yellow" icon={<IconAlertTriangle />} title="Before you save">
                <Text size="sm" component="div">
                  {said}
                </Text>
              </Alert>
            )}
          </div>
          {children}
          <ProblemAlert error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={chosen === current} loading={isRunning}>
              {deed(chosen)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

type ChoicesProps<V extends string> = {
  label: string
  choices: readonly Choice<V>[]
  value: V
  onChange: (value: V) => void
}

/** The same within a form. */
export function Choices<V extends string>({ label, choices, value, onChange }: ChoicesProps<V>) {
  return (
    <Radio.Group label={label} value={value} onChange={(to) => onChange(to as V)}>
      <Stack gap="xs" mt={4}>
        {choices.map((choice) => (
          <Radio key={choice.value} value={choice.value} label={choice.label} description={choice.about} />
        ))}
      </Stack>
    </Radio.Group>
  )
}
