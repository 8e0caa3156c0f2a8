/** Replicas that start on a fresh PostgreSQL, each with a set-up link of its own. */
import { expect } from 'chai'
import { sharedPostgres } from '../support/postgres.ts'
import { installing } from '../support/program.ts'
import { call, markedMasterKey, type Service, startService } from '../support/server.ts'

describe('the first start of two replicas', () => {
  const replicas: Service[] = []
  before(async function () {
    this.timeout(installing)
    const env = {
      DATABASE_URL: await (await sharedPostgres()).create(),
      MASTER_KEY: markedMasterKey,
      PUBLIC_URL: 'http://sts.example',
      OPERATOR_KEY: '',
    }
    replicas.push(...(await Promise.all([startService({ env }), startService({ env })])))
  })
  after(() => Promise.all(replicas.map((replica) => replica.close())))

  it('gives a link that works to whoever reads the log of either; one of them, once', async () => {
    const links = replicas.map(({ lines, publicUrl }) =>
      String(lines.find(({ setup_url }) => setup_url)?.setup_url).replace(publicUrl, ''),
    )
    expect(new Set(links).size).to.equal(2)
    const statuses = async () => {
      const asked = links.flatMap((link) => replicas.map((at) => call(at, 'GET', link)))
      return (await Promise.all(asked)).map(({ status }) => status)
    }
    expect(await statuses()).to.deep.equal([200, 200, 200, 200])
    const [a, b] = replicas as [Service, Service]
    const finish = (at: Service, link: string, name: string) =>
      call(at, 'POST', link, { form: { name, username: 'root', email: 'root@example.com' } })
    const answers = await Promise.all([finish(b, String(links[0]), 'acme'), finish(a, String(links[1]), 'other')])
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([200, 409])
    expect(await statuses()).to.deep.equal([404, 404, 404, 404])
  })
})
