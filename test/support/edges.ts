/** What axe does not look at: WCAG 2.2, 1.4.11, the edge of what one fills in or chooses against what it stands on. */
import type { Page } from 'playwright-core'

/** Those below 3, one a line of their own. */
export const faintEdges = (page: Page): Promise<string[]> => page.evaluate<string[]>(looking)

const chosen = [
  'input[type=radio]',
  'input[type=checkbox]',
  '.mantine-Input-input',
  '.mantine-Switch-track',
  '.mantine-SegmentedControl-indicator',
  '.mantine-Chip-label',
].join()

/** A text, since it runs in the page. Colours that are mixed of others (`color-mix`) come out as srgb from 0 to 1. */
const looking = `(() => {
  const read = (colour) => {
    const [r = 0, g = 0, b = 0, alpha = 1] = (colour.match(/[\\d.]+(?:e-\\d+)?/g) ?? []).map(Number)
    const most = colour.startsWith('color(') ? 1 : 255
    return { rgb: [r / most, g / most, b / most], alpha }
  }
  const over = ({ rgb, alpha }, below) => rgb.map((one, at) => one * alpha + below[at] * (1 - alpha))
  const light = (rgb) =>
    rgb
      .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
      .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0)
  const ground = (node) =>
    node ? over(read(getComputedStyle(node).backgroundColor), ground(node.parentElement)) : [1, 1, 1]
  return [...document.querySelectorAll('${chosen}')].flatMap((node) => {
    const style = getComputedStyle(node)
    const isSeen = style.visibility === 'visible' && node.getBoundingClientRect().width > 4 && !node.disabled
    if (!isSeen || node.closest('[aria-hidden="true"], [inert], [data-disabled], [data-variant="unstyled"]')) return []
    const below = ground(node.parentElement)
    const against = (colour) => {
      const [one, other] = [light(over(read(colour), below)), light(below)]
      return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
    }
    const edge = parseFloat(style.borderBottomWidth) > 0 ? against(style.borderBottomColor) : 1
    const most = Math.max(edge, against(style.backgroundColor))
    return most < 3 ? ['faint edge, ' + most.toFixed(2) + ': ' + node.outerHTML.slice(0, 200)] : []
  })
})()`
