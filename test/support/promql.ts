/** What a PromQL expression speaks of: its metrics, with the labels and values that it picks, and the labels it groups by. */
export type Spoken = {
  metrics: { name: string; picks: { label: string; operator: string; value: string }[] }[]
  groups: string[]
}

const words = new Set([
  'and',
  'or',
  'unless',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'bool',
  'offset',
  'by',
  'without',
])

/** Knows as much of the language as our dashboard and rules use; anything else throws. */
export function spokenIn(expression: string): Spoken {
  const groups: string[] = []
  let rest = expression.replace(/\b(?:by|without)\s*\(([^)]*)\)/g, (_, list: string) => {
    groups.push(...list.split(',').map((label) => label.trim()))
    return ' '
  })
  const metrics: Spoken['metrics'] = []
  rest = rest.replace(
    /(?<!\$)\b([a-z_]\w*)\s*(?:\{([^}]*)\})?(?!\w|\s*\()/gi,
    (whole: string, name: string, inside = '') => {
      if (words.has(name) || /^\d/.test(name)) return whole
      const picks = [...String(inside).matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)].map(
        ([, label = '', operator = '', value = '']) => ({ label, operator, value }),
      )
      metrics.push({ name, picks })
      return '0'
    },
  )
  // Only functions, numbers, times and operators are left.
  if (!/^(?:[a-z_]+\s*\(|[\d.]+|\[[\w$]+\]|[-+*/(),<>=!]|and|or|unless|\s)*$/.test(rest))
    throw new Error(`not understood: ${expression} (${rest})`)
  return { metrics, groups }
}
