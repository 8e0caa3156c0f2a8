/** Who wants to hear of what. What a listener throws is its own affair: nobody is kept from a token by it. */
export type Listeners<Events> = {
  on<Name extends keyof Events>(event: Name, listener: (event: Events[Name]) => void): () => void
  tell<Name extends keyof Events>(event: Name, what: Events[Name]): void
  clear(): void
}

export function createListeners<Events>(): Listeners<Events> {
  const all = new Map<keyof Events, Set<(event: never) => void>>()
  return {
    on(event, listener) {
      // One function may be given twice, and is then taken away once for each.
      const own = (what: never) => listener(what)
      const some = all.get(event) ?? new Set()
      all.set(event, some.add(own))
      return () => void some.delete(own)
    },
    tell(event, what) {
      for (const listener of [...(all.get(event) ?? [])]) {
        try {
          // It may fail later, too.
          Promise.resolve(listener(what as never)).catch(() => {})
        } catch {
          // As above.
        }
      }
    },
    clear: () => all.clear(),
  }
}
