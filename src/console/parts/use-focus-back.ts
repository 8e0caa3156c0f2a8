import { useEffect, useRef } from 'react'

/**
 * When a panel or dialog is gone, the focus is where it was before; on the page, where that is gone too. Mantine does so
 * for what stays in the page while it is closed, and not for what leaves it.
 */
export function useFocusBack(opened: boolean): void {
  const before = useRef<Element | null>(null)
  const wasOpened = useRef(false)
  // While it is rendered, since the panel takes the focus before any effect of ours.
  if (opened && !wasOpened.current) before.current = document.activeElement
  wasOpened.current = opened
  useEffect(() => {
    if (!opened) return
    return () => {
      const element = before.current
      setTimeout(() => {
        if (document.activeElement && document.activeElement !== document.body) return
        const back = element?.isConnected && element !== document.body ? element : document.getElementById('main')
        if (back instanceof HTMLElement) back.focus({ preventScroll: true })
      })
    }
  }, [opened])
}
