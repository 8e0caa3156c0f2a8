/** The metrics of several workers at one port. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect } from 'chai'
import { merged } from '../../../src/server/telemetry/gather.ts'
import { freePort } from '../../support/free-port.ts'
import { scrape } from '../../support/scraped.ts'
import { bareEnv, root } from '../../support/server.ts'

describe('telemetry/gather', () => {
  let primary: ChildProcess
  let port: number
  beforeEach(async () => {
    port = await freePort()
    primary = fork(join(root, 'test/support/gathered.ts'), ['3', String(port)], { env: bareEnv })
    expect(await once(primary, 'message')).to.deep.include('serving')
  })
  afterEach(async () => {
    const ended = once(primary, 'exit')
    primary.disconnect()
    await ended
  })

  /** [worker, count] of what each has refused. */
  async function refused(): Promise<[worker: string | undefined, count: number][]> {
    const samples = await scrape(port)
    const found = samples.filter(
      ({ name, labels }) => name === 'countersign_exchanges_total' && labels.reason === 'token_expired',
    )
    return found.map(({ labels, value }) => [labels.worker, value])
  }

  it('each worker’s own stand side by side, under one description', async () => {
    expect(await refused()).to.have.deep.members([
      ['1', 2],
      ['2', 1],
      ['3', 1],
    ])
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    const described = [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name)
    expect(described).to.include.members(['countersign_ready', 'process_cpu_seconds_total'])
    expect(described).to.have.length(new Set(described).size)
    const ready = (await scrape(port)).filter(({ name }) => name === 'countersign_ready')
    expect(ready.map(({ value }) => value)).to.deep.equal([1, 1, 1])
  })

  it('many who look at a time get one answer each', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, refused))
    for (const one of all) expect(one).to.have.length(3)
  })

  for (const [what, left] of [
    ['kill', 'has died'],
    ['stop', 'does not answer'],
  ] as const)
    it(`a worker that ${left} is left out, and keeps nobody waiting`, async () => {
      primary.send(what)
      await once(primary, 'message')
      expect(await refused()).to.have.deep.members([
        ['2', 1],
        ['3', 1],
      ])
    })

  it('puts the samples of one metric together', () => {
    const one = '# HELP a one\n# TYPE a counter\na{worker="1"} 1\n\n# HELP b two\n# TYPE b gauge\n'
    const two = '# HELP a one\n# TYPE a counter\na{worker="2"} 2\na{worker="2",x="# HELP"} 3\n'
    expect(merged([one, '', two])).to.equal(
      '# HELP a one\n# TYPE a counter\na{worker="1"} 1\na{worker="2"} 2\na{worker="2",x="# HELP"} 3\n\n# HELP b two\n# TYPE b gauge\n',
    )
  })
})
