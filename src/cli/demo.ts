/** From token to token on this machine alone. Rules: whatever happens, no process and no file is left behind. */
import { openInstance } from './demo/instance.ts'
import { openPage } from './demo/page.ts'
import { openProtectedApi } from './demo/protected-api.ts'
import { job, openProvider } from './demo/provider.ts'
import { refuse } from './demo/refusals.ts'
import { arrange, reach } from './demo/story.ts'
import { exit, terminal } from './terminal.ts'

type Closing = { close(): Promise<void> }
type Keep = <T extends Closing>(opening: Promise<T>) => Promise<T>

/** 0 only when every step did what it should. An interrupt ends it early, and tidily. */
export async function demoCommand(): Promise<number> {
  const opened: Closing[] = []
  const interruption = new AbortController()
  const interrupt = () => interruption.abort(new Error('interrupted'))
  const keep: Keep = async (opening) => {
    const thing = await opening
    opened.push(thing)
    interruption.signal.throwIfAborted()
    return thing
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, interrupt)
  // Nobody reads on: demo | head
  process.stdout.on('error', interrupt)
  try {
    await tell(keep, interruption.signal)
    return exit.done
  } catch (error) {
    const { reason } = interruption.signal
    terminal.fail(`demo: ${((reason ?? error) as Error).message}`)
    return exit.failed
  } finally {
    await Promise.all(opened.map((thing) => thing.close()))
    for (const signal of signals) process.off(signal, interrupt)
  }
}

async function tell(keep: Keep, interrupted: AbortSignal): Promise<void> {
  const started = Date.now()
  const page = openPage(interrupted)
  const jobs = { trainer: job('training-job', 300), brief: job('nightly-job', 1), stranger: job('scratch-job', 300) }
  terminal.data('A job proves who it is with a token of its own platform, and gets into a protected API without')
  terminal.data('any stored secret. Everything runs on this machine, and is gone afterwards.')

  page.step('Start the platform that the job runs on, a private instance of Countersign, and the API')
  const provider = await keep(openProvider(Object.values(jobs)))
  page.say(`platform       ${provider.url}  (oidc-provider: an OpenID provider that knows nothing of Countersign)`)
  const instance = await keep(openInstance())
  page.say(`countersign    ${instance.url}  (countersign serve, process ${instance.pid})`)
  page.say(`  its data     ${instance.dataDir}`)
  const api = await keep(openProtectedApi())
  page.say(`protected API  ${api.url}`)

  const stage = { page, instance, provider, api, jobs }
  await arrange(stage)
  await reach(stage)
  await refuse(stage)

  page.step('Stop everything')
  await Promise.all([instance.close(), provider.close(), api.close()])
  page.say(
    `Process ${instance.pid} has ended and its data is removed. ${((Date.now() - started) / 1000).toFixed(1)} s.`,
  )
  page.say('To run it for yourself: npm start')
}
