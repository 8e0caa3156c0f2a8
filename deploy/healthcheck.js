// Exit code 0 when the service of this container is ready, else 1. It listens where HOST and PORT say.
const host = process.env.HOST || '127.0.0.1'
const port = process.env.PORT || '8080'
const near = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host] ?? (host.includes(':') ? `[${host}]` : host)
try {
  const response = await fetch(`http://${near}:${port}/readyz`, { signal: AbortSignal.timeout(4000) })
  process.exitCode = response.ok ? 0 : 1
} catch {
  process.exitCode = 1
}
