/** That what looks at every page sees what it is there for. */
import { expect } from 'chai'
import { openBrowser, type Window } from '../support/browser.ts'
import { faintEdges } from '../support/edges.ts'
import { installing } from '../support/program.ts'
import { shiftOf, still, watchingShifts } from '../support/shifts.ts'

describe('browser: what looks at pages', function () {
  this.timeout(installing)
  let window: Window
  before(async () => {
    window = await openBrowser()
  })
  after(() => window?.close())

  it('finds edges that are too faint, whatever their colour is made of', async () => {
    const page = await window.browser.newPage()
    const field = (id: string, border: string, more = '') =>
      `<input class="mantine-Input-input" id="${id}" style="border: ${border}; background: transparent; ${more}">`
    await page.setContent(
      [
        field('grey', '1px solid #d8dce3'),
        field('none', '0'),
        field('seen-through', '1px solid transparent'),
        field('half', '1px solid rgb(0 0 0 / 0.1)'),
        field('mixed', '1px solid color-mix(in srgb, black 10%, white)'),
        field('good', '1px solid #7b828c'),
        field('good-mixed', '1px solid color-mix(in srgb, black 80%, white)'),
        field('good-ground', '0', 'background: #333'),
        field('gone', '0', 'visibility: hidden'),
      ].join(''),
    )
    const found = await faintEdges(page)
    expect(found.map((one) => /id="([^"]*)"/.exec(one)?.[1])).to.have.members([
      'grey',
      'none',
      'seen-through',
      'half',
      'mixed',
    ])
  })

  it('tells what moves by itself, and nothing where nothing does', async () => {
    const page = await window.browser.newPage()
    await page.addInitScript(watchingShifts)
    await page.goto('about:blank')
    await page.setContent('<h1>Stays</h1><p id="text">It is read.</p>')
    expect((await shiftOf(page)).score).to.equal(0)
    await page.evaluate(
      `document.querySelector('#text').before(Object.assign(document.createElement('div'), { style: 'height: 300px' }))`,
    )
    expect((await shiftOf(page)).score).to.be.greaterThan(still)
  })
})
