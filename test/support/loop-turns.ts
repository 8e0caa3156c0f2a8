/** How often the event loop turned while the work was under way: somebody else had their turn so often. */
export async function turnsDuring<T>(work: Promise<T>): Promise<{ turns: number; result: T }> {
  let turns = 0
  let over = false
  const turn = () => {
    if (over) return
    turns += 1
    setImmediate(turn)
  }
  setImmediate(turn)
  try {
    return { result: await work, turns }
  } finally {
    over = true
  }
}
