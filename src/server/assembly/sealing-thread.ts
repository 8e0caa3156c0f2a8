/** What runs in the thread of sealer-aside.ts: the sealer, over a connection of its own. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { createSealer } from '../audit/sealer.ts'
import { openSealing } from '../storage/postgres/open.ts'
import type { FromThread, ThreadData, ToThread } from './sealer-aside.ts'

const port = parentPort as MessagePort
const say = (message: FromThread) => port.postMessage(message)
const { url } = workerData as ThreadData
const { sealing, close } = openSealing(url)
const sealer = createSealer({ sealing, now: () => Date.now(), report: (error) => say({ report: error }) })

port.on('message', async (message: ToThread) => {
  if (message === 'seal') {
    await sealer.now().then(
      () => say({ sealed: true }),
      (error: unknown) => say({ sealed: false, error }),
    )
    return
  }
  await sealer.close()
  await close()
  // Nothing else keeps the thread.
  port.close()
})
sealer.start()
