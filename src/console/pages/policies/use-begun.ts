import { useEffect, useRef, useState } from 'react'
import type { TrustPolicy } from '../../wire/shapes.ts'

type Read = { value: TrustPolicy; etag: string | undefined }

/**
 * The policy as it was when somebody began to change it. What is read later does not change what they are typing: it is
 * taken when nothing was typed yet, when it is what they saved, or when they ask for it.
 */
export function useBegun(latest: Read | undefined) {
  const [begun, setBegun] = useState(latest)
  const isTyped = useRef(false)
  const savedAt = useRef<string>(undefined)
  const isOther = latest !== undefined && latest.value.updated_at !== begun?.value.updated_at
  useEffect(() => {
    if (!latest || (!isOther && begun?.value.id === latest.value.id)) return
    if (begun?.value.id === latest.value.id && isTyped.current && savedAt.current !== latest.value.updated_at) return
    isTyped.current = false
    setBegun(latest)
  }, [latest, isOther, begun])
  return {
    begun,
    /** Somebody else changed it meanwhile. */
    isOvertaken: isOther && begun !== undefined,
    again: () => setBegun(latest),
    noteTyped: (typed: boolean) => {
      isTyped.current = typed
    },
    noteSaved: ({ updated_at }: TrustPolicy) => {
      savedAt.current = updated_at
    },
  }
}
