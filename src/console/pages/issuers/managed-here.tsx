import { Alert, Checkbox } from '@mantine/core'

type Props = { by: string | null; isForced: boolean; onChange: (isForced: boolean) => void }

/** Of what is kept in a file: where it is changed, and that it can be changed here all the same. */
export function ManagedHere({ by, isForced, onChange }: Props) {
  if (by === null) return null
  return (
    <Alert color="cyan" title={`Kept in ${by}`}>
      Change it in that file and apply it. What is changed here is changed back by the next apply.
      <Checkbox
        mt="xs"
        label="Do it here all the same"
        checked={isForced}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </Alert>
  )
}
