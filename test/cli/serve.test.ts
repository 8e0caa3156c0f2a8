/** `countersign serve` where another one serves the same data. */
import { join } from 'node:path'
import { expect } from 'chai'
import { countersign } from '../support/command.ts'
import { call, type Service, startService } from '../support/server.ts'

describe('countersign serve, on data that another process serves', () => {
  let service: Service
  beforeEach(async () => {
    service = await startService()
  })
  afterEach(() => service.close())

  it('is refused with one line, code 1; the first goes on serving, and its trail can be verified', async () => {
    const { dataDir } = service
    const database = join(dataDir, 'countersign.db')
    const ways = [{ DATA_DIR: dataDir }, { DATA_DIR: join(dataDir, 'own'), DATABASE_URL: `sqlite:${database}` }]
    const said = await Promise.all(ways.map((env) => countersign(['serve'], { PORT: '0', ...env })))
    const line = `countersign: DATA_DIR or DATABASE_URL: another process serves this database (${database})\n`
    for (const second of said) expect(second).to.deep.equal({ code: 1, stdout: '', stderr: line })
    expect((await call(service, 'GET', '/readyz')).status).to.equal(200)
    expect(await countersign(['audit', 'verify'], { DATA_DIR: dataDir })).to.deep.include({ code: 0 })
  })

  for (const end of ['kill', 'stop'] as const) {
    it(`serves when the first has ended (${end})`, async () => {
      const { dataDir } = service
      await service[end]()
      service = await startService({ dataDir })
      expect((await call(service, 'GET', '/readyz')).status).to.equal(200)
    })
  }
})
