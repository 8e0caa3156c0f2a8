import { type RefObject, useEffect, useState } from 'react'

/** Whether somebody is at what is in this place: the pointer or the focus is in it, or its top was scrolled out of sight. */
export function useReading(place: RefObject<HTMLElement | null>): boolean {
  const [isPointed, setPointed] = useState(false)
  const [isFocused, setFocused] = useState(false)
  const [isBelow, setBelow] = useState(false)
  useEffect(() => {
    const element = place.current
    if (!element) return
    const stop = new AbortController()
    const on = <K extends keyof HTMLElementEventMap>(name: K, listener: () => void) =>
      element.addEventListener(name, listener, { signal: stop.signal })
    on('pointerenter', () => setPointed(true))
    on('pointerleave', () => setPointed(false))
    on('focusin', () => setFocused(true))
    on('focusout', () => setFocused(false))
    const look = () => setBelow(element.getBoundingClientRect().top < 0)
    window.addEventListener('scroll', look, { passive: true, signal: stop.signal })
    look()
    return () => stop.abort()
  }, [place])
  return isPointed || isFocused || isBelow
}
