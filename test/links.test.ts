/** Every link of a page to another page, to a file or to a heading leads there; every page is in docs/README.md. */
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect } from 'chai'
import { root } from './support/server.ts'

const kinds = ['tutorials', 'how-to', 'reference', 'explanation']
const docs = globSync('docs/**/*.md', { cwd: root }).sort()
const pages = ['README.md', ...docs, ...globSync(['deploy/**/*.md', 'src/*/README.md'], { cwd: root }).sort()]
const textOf = (page: string) => readFileSync(join(root, page), 'utf8')

/** As GitHub makes them of headings. */
function anchorsIn(page: string): Set<string> {
  const found = new Set<string>()
  for (const [, heading = ''] of unfenced(textOf(page)).matchAll(/^#{1,6} (.+)$/gm)) {
    const anchor = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
    let each = anchor
    for (let more = 1; found.has(each); more += 1) each = `${anchor}-${more}`
    found.add(each)
  }
  return found
}

const unfenced = (text: string) => text.replace(/^( *)(`{3,}).*\n[\s\S]*?^\1\2$/gm, '')
const linksIn = (page: string) =>
  [...unfenced(textOf(page)).matchAll(/\]\(([^()\s]+)\)/g)]
    .map(([, target]) => target as string)
    .filter((target) => !/^[a-z]+:/.test(target))

function brokenIn(page: string): string[] {
  return linksIn(page).filter((target) => {
    const [path = '', anchor] = target.split('#')
    const file = path === '' ? join(root, page) : resolve(root, dirname(page), path)
    if (!existsSync(file)) return true
    return anchor !== undefined && !anchorsIn(relative(root, file)).has(anchor)
  })
}

describe('links', () => {
  for (const page of pages)
    it(`of ${page} lead somewhere`, () => {
      expect(brokenIn(page)).to.deep.equal([])
    })

  it('of code, settings and examples lead somewhere', () => {
    const files = globSync(['src/**/*.ts', 'bin/*.js', 'config/**/*', 'deploy/**/*'], { cwd: root })
    const named = files
      .filter((file) => statSync(join(root, file)).isFile())
      .flatMap((file) => [...textOf(file).matchAll(/(?<![\w/.-])docs\/[\w/-]+\.md(?:#[\w-]+)?/g)])
      .map(([target]) => target)
    expect(named).to.not.deep.equal([])
    const broken = [...new Set(named)].filter((target) => {
      const [page = '', anchor] = target.split('#')
      return !existsSync(join(root, page)) || (anchor !== undefined && !anchorsIn(page).has(anchor))
    })
    expect(broken).to.deep.equal([])
  })

  it('lead from docs/README.md to every page, and each is of one of the four kinds', () => {
    const listed = linksIn('docs/README.md').map((target) => join('docs', target))
    const untold = docs.filter((page) => page !== 'docs/README.md' && !listed.includes(page))
    expect(untold).to.deep.equal([])
    expect(docs.filter((page) => page.includes('/', 5) && !kinds.includes(page.split('/')[1] as string))).to.deep.equal(
      [],
    )
  })
})
