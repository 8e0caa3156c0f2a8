/** Asks /livez, one question after the other, in a process of its own, and says how long the longest waited. Run by lists.ts. */
import { Agent, get } from 'node:http'

const agent = new Agent({ keepAlive: true, maxSockets: 1 })
const once = (url: string) =>
  new Promise<number>((resolve, reject) => {
    const at = performance.now()
    get(url, { agent }, (answer) => answer.resume().on('end', () => resolve(performance.now() - at))).on(
      'error',
      reject,
    )
  })

let running = false
let took: number[] = []
process.on('message', async (ask: { url: string } | 'stop') => {
  if (ask === 'stop') {
    running = false
    return
  }
  running = true
  took = []
  while (running) {
    took.push(await once(ask.url))
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  took.sort((a, b) => a - b)
  process.send?.({ longest: took.at(-1) ?? 0, p50: took[Math.floor(took.length / 2)] ?? 0 })
})
process.once('disconnect', () => process.exit())
