/** The port of the metrics may be taken: then it depends on who chose it. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { expect } from 'chai'
import { countersign } from '../../support/command.ts'
import { freePort } from '../../support/free-port.ts'
import { type Service, startService } from '../../support/server.ts'
import { tempDir } from '../../support/temp-dir.ts'

const byDefault = 9464

describe('METRICS_PORT', () => {
  const dataDir = tempDir()
  let holder: Server | undefined
  let service: Service | undefined
  afterEach(async () => {
    await service?.close()
    holder?.close()
    holder = service = undefined
  })

  /** Holds the port, unless somebody else on this machine does. */
  async function hold(port: number): Promise<number> {
    const server = createServer().listen(port, '127.0.0.1')
    const held = await Promise.race([
      once(server, 'listening').then(() => true),
      once(server, 'error').then(() => false),
    ])
    if (held) holder = server
    return (server.address() as { port: number } | null)?.port ?? port
  }

  it('chosen and taken: no start, and one line that says why', async () => {
    const port = await hold(0)
    const said = await countersign(['serve'], { METRICS_PORT: String(port), PORT: '0', DATA_DIR: dataDir() })
    expect(said.code).to.equal(1)
    expect(said.stderr.trim()).to.match(
      /^\S* ?METRICS_PORT: something else listens there already \(listen EADDRINUSE.*\)$/,
    )
    expect(said.stdout).to.not.contain('"ready"')
  })

  it('not chosen and taken: a warning, and the service goes on without', async () => {
    const port = await hold(byDefault)
    service = await startService({ env: { METRICS_PORT: '' } })
    const warnings = service.lines.filter(({ level }) => level === 40)
    expect(warnings.map(({ port, msg }) => ({ port, msg: String(msg).replace(/ \(.*\)/, '') }))).to.deep.equal([
      { port, msg: 'METRICS_PORT: something else listens there already; goes on without metrics' },
    ])
    expect((await fetch(`${service.url}/readyz`)).status).to.equal(200)
    expect(await service.stop()).to.equal(0)
  })

  it('0: nobody listens', async () => {
    const port = await freePort()
    service = await startService({ env: { METRICS_PORT: '0' } })
    expect(service.lines.filter(({ msg }) => msg === 'metrics')).to.deep.equal([])
    await service.close()
    service = await startService({ env: { METRICS_PORT: String(port) } })
    expect(service.lines.filter(({ msg }) => msg === 'metrics')).to.have.length(1)
  })
})
