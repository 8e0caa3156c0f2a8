import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { sourceNames } from '../src/client/sources/ambient.ts'
import { attributionFaults, grounds, misfits, objections } from '../src/protocol/access.ts'
import { catalogue, exchangeReasonNames } from '../src/server/errors/catalogue.ts'
import { explainedSteps } from '../src/server/exchange/explained.ts'
import { hintKinds } from '../src/server/trust/hints.ts'
import { rules } from '../src/server/trust/lint/rules.ts'
import { verifyErrorCodes } from '../src/verify/verify-error.ts'
import { clientCodes } from './support/docs/client-codes.ts'
import { pages } from './support/docs/pages.ts'
import { documented } from './support/documented.ts'
import { type Provider, startProvider } from './support/identity-provider.ts'
import { resourceServer } from './support/resource-server.ts'
import { root, type Service, startService } from './support/server.ts'
import { createWorld, must } from './support/world.ts'

describe('pages that are made from the code', () => {
  for (const [file, text] of pages())
    it(`${file} is as \`npm run docs\` makes it`, () => {
      expect(readFileSync(join(root, file), 'utf8')).to.equal(text)
    })

  it('have a heading for each reason of the service, each code of the packages, and none twice', () => {
    const text = readFileSync(join(root, 'docs/reference/reasons.md'), 'utf8')
    const headings = [...text.matchAll(/^### (.+)$/gm)].map(([, heading]) => (heading as string).replaceAll('`', ''))
    expect(new Set(headings)).to.have.lengthOf(headings.length)
    expect(headings).to.include.members([
      ...Object.keys(catalogue),
      ...verifyErrorCodes.map((code) => `VerifyError ${code}`),
    ])
    const files = globSync(['src/client/**/*.ts', 'deploy/ci/github/src/*.ts'], { cwd: root })
    const sources = files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n')
    for (const [, code] of sources.matchAll(/\bcode(?:: | = )'(\w+)'/g)) expect(headings).to.include(code)
    for (const { code } of clientCodes) expect(sources).to.include(`'${code}'`)
  })
})

describe('what is there to be pasted', () => {
  /** zsh, which asks on a Mac, takes a comment that is typed or pasted for words: it opens quotes, and runs what stands in them. */
  it('has no comment that a shell at a terminal stumbles over', () => {
    const comments = globSync(['README.md', 'deploy/**/*.md', 'docs/**/*.md', 'src/*/README.md'], {
      cwd: root,
    }).flatMap((file) =>
      documented(file, 'sh').flatMap((block) =>
        [...block.matchAll(/^(.*?)(?<![^\s])#(.*)$/gm)].map(([line, before, text]) => ({ file, line, before, text })),
      ),
    )
    expect(comments).to.not.have.lengthOf(0)
    expect(
      comments.filter(({ before, text }) => before?.trim() || /['"`$<>|;&(){}[\]*?!\\]/.test(text ?? '')),
    ).to.deep.equal([])
  })
})

describe('docs/reference/client.md', () => {
  const text = readFileSync(join(root, 'docs/reference/client.md'), 'utf8')
  const rowsBelow = (heading: string) => {
    const [section = ''] = text.split(`\n## ${heading}\n`)[1]?.split(/^## /m) ?? []
    return [...section.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name)
  }

  it('has a row for every source, in the order in which they are asked', () => {
    expect(rowsBelow('Sources')).to.deep.equal([...sourceNames])
  })

  it('has a row for every variable of ours that the client reads, and no other', () => {
    const files = globSync('src/client/**/*.ts', { cwd: root })
    const read = files.flatMap((file) => readFileSync(join(root, file), 'utf8').match(/\bCOUNTERSIGN_[A-Z_]+\b/g) ?? [])
    expect(rowsBelow('Variables').sort()).to.deep.equal([...new Set(read)].sort())
  })

  it('names every option of the README that a variable sets', () => {
    const readme = readFileSync(join(root, 'src/client/README.md'), 'utf8')
    for (const [, option, variable] of readme.matchAll(/^\| `(\w+)` \| `(COUNTERSIGN_\w+)` \|/gm))
      expect(text).to.include(`| \`${variable}\` | \`${option}\` |`)
  })
})

describe('docs/reference/lint.md', () => {
  it('has a row for every rule, in order, with its name and how bad it is at worst', () => {
    const text = readFileSync(join(root, 'docs/reference/lint.md'), 'utf8')
    const rows = [...text.matchAll(/^\| (LR\d\d) \| (\S+) \| `(\w+)` \| \S.* \|$/gm)].map(([, ...row]) => row)
    expect(rows).to.deep.equal(Object.entries(rules).map(([rule, [name, worst]]) => [rule, name, worst]))
  })
})

describe("the README's table of refusals", () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const explain = readFileSync(join(root, 'docs/how-to/debug-a-refusal.md'), 'utf8')
  const sections = new Map(
    explain.split(/^## /m).map((section) => {
      const [heading = ''] = section.split('\n')
      return [heading.toLowerCase().replaceAll(' ', '-'), section]
    }),
  )
  const links = [...readme.matchAll(/\[`(\w+)`\]\(docs\/how-to\/debug-a-refusal\.md#([\w-]+)\)/g)]

  it('links each reason once to where it is explained', () => {
    expect(links.map(([, reason]) => reason).sort()).to.deep.equal([...exchangeReasonNames].sort())
    for (const [, reason, anchor = ''] of links)
      expect(sections.get(anchor), `${reason} #${anchor}`).to.include(`\`${reason}\``)
  })

  it('has a section for each step of explain, in order', () => {
    const headings = [...sections.keys()].filter((heading) => (explainedSteps as readonly string[]).includes(heading))
    expect(headings).to.deep.equal(explainedSteps)
  })

  it('has every kind of hint that needs something done', () => {
    expect(hintKinds.filter((kind) => !explain.includes(`\`${kind}\``))).to.deep.equal([
      'letter_case',
      'trailing_slash',
      'white_space',
      'audience_form',
      'nearest',
    ])
  })
})

describe('docs/how-to/protect-an-api.md', () => {
  const file = 'docs/how-to/protect-an-api.md'
  const text = readFileSync(join(root, file), 'utf8')

  for (const [heading, reasons] of [
    ['Yes', grounds],
    ['No', objections],
    ['No, since it is about nobody or nothing here', misfits],
    ['Attribution ignored', attributionFaults],
  ] as const)
    it(`has a row for every reason below “${heading}”, in order, and no other`, () => {
      const [, below = ''] = text.split(`\n#### ${heading}\n`)
      const [section = ''] = below.split(/^#/m)
      const rows = [...section.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)]
      expect(rows.map(([, reason]) => reason)).to.deep.equal(reasons)
      expect(section.match(/^\| `/gm)).to.have.length(reasons.length)
    })

  describe('its question', () => {
    let provider: Provider
    let service: Service
    before(async () => {
      provider = await startProvider()
      service = await startService()
    })
    after(async () => {
      await service?.close()
      await provider?.close()
    })

    it('pasted into a shell, has the answer that it shows', async () => {
      const world = await createWorld(service, provider)
      const { id } = await world.make('/users', { username: 'alice', email: 'alice@acme.example' })
      await must(world.api('PUT', '/teams/ml/members/alice', { role: 'member' }))
      const env = {
        PATH: process.env.PATH,
        URL: service.url,
        KEY: (await resourceServer(world, 'tracker')).secret,
        TOKEN: await world.granted(world.token()),
      }
      const [question = ''] = documented(file, 'sh')
      const { stdout, stderr } = await promisify(execFile)('bash', ['--norc', '-c', question], { env })
      expect(stderr).to.equal('')
      const [answer = ''] = documented(file, 'json')
      expect(JSON.parse(stdout)).to.deep.equal(JSON.parse(answer.replace('user_01…', id)))
    })
  })
})
