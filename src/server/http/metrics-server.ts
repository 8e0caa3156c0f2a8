import type { RequestListener, Server } from 'node:http'
import { faultOf } from './fault.ts'
import { createLimitedServer, type Log, say } from './limited-server.ts'
import { metricsLimits } from './limits.ts'
import { secures } from './security-headers.ts'

/** What the metrics are served by: they have a port of their own, and no routes. Never https: who scrapes is near. */
export function metricsServer(log: Log): (answer: RequestListener) => Server {
  const secure = secures('http:')
  return (answer) =>
    createLimitedServer(metricsLimits, log).on('request', (req, res) => {
      secure(req, res)
      const fault = faultOf(req, metricsLimits)
      if (fault) say(res, fault.reason, fault.says)
      else answer(req, res)
    })
}
