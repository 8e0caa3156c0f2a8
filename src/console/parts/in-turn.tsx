import { Stack, type StackProps } from '@mantine/core'
import { useEffect, useState } from 'react'

/** ms. What takes longer than that to come must not keep the rest from whoever waits. */
const longest = 3000

/**
 * Parts below each other, of which each is shown when those above it are there: nothing moves while it is read. Only while
 * the page begins: what is asked for anew later hides nothing of what somebody works with.
 */
export function InTurn(props: StackProps) {
  const [isBeginning, begin] = useState(true)
  useEffect(() => {
    const end = setTimeout(() => begin(false), longest)
    return () => clearTimeout(end)
  }, [])
  return <Stack gap="lg" mod={{ 'in-turn': isBeginning }} {...props} />
}
