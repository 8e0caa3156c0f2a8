import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Problem } from './problem.ts'

/**
 * Something that changes the organization. When it is done, all lists and objects are asked for anew, and `says` is shown;
 * when it is refused, `error` is the Problem and whatever was typed stays.
 */
export function useDeed<Input, Output>(
  run: (input: Input) => Promise<Output>,
  { says, onDone }: { says?: (output: Output) => string; onDone?: (output: Output, input: Input) => void } = {},
) {
  const client = useQueryClient()
  return useMutation<Output, Problem, Input>({
    mutationFn: run,
    // Some answers hold a secret that is shown once: nothing keeps them.
    gcTime: 0,
    async onSuccess(output, input) {
      if (says)
        notifications.show({ message: says(output), color: 'teal', closeButtonProps: { 'aria-label': 'Close' } })
      onDone?.(output, input)
      await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
    },
  })
}
