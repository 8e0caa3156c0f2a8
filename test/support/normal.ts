/** What differs from run to run, by a name that stays. Ids and keys are counted in the order in which they come. */
export type Normal = (text: string) => string

/** `vars`: values that stand as `$NAME`. */
export function normalizer(vars: Readonly<Record<string, string>>): Normal {
  const counted = new Map<string, string>()
  const counts = new Map<string, number>()
  const numbered = (prefix: string, whole: string) => {
    const before = counted.get(whole)
    if (before !== undefined) return before
    const count = (counts.get(prefix) ?? 0) + 1
    counts.set(prefix, count)
    counted.set(whole, `${prefix}${count}`)
    return `${prefix}${count}`
  }
  const url = vars.URL ?? ''
  const rules: [RegExp, (found: string, ...groups: string[]) => string][] = [
    [/csk_[0-9A-Za-z]{49}/g, (found) => `csk_<${numbered('key ', found)}>`],
    [/csk_[0-9A-Za-z]{4}…[0-9A-Za-z]{4}/g, () => 'csk_xxxx…xxxx'],
    [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, () => '<token>'],
    [
      /\b(org|user|team|proj|iss|sa|tp|key|rs|evt|req)_[0-9a-hjkmnp-tv-z]{26}/g,
      (found, prefix = '') => numbered(`${prefix}_`, found),
    ],
    // What nobody named is named after its id.
    [/\b(tp|key)-[0-9a-hjkmnp-tv-z]{26}/g, (found, prefix = '') => `${prefix}-<${numbered('', found)}>`],
    [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, () => '<time>'],
    [/\bkey-\d{1,4}\b/g, () => '<kid>'],
    [/(?<![\w-])[\w-]{43}(?![\w-])/g, () => '<kid>'],
    [/(?<=_\d+\.)\d{13}\b/g, () => '<ms>'],
    [/\b1[789]\d{8}\b/g, () => '<s>'],
    [/^\d+\.\d+\.\d+$/g, () => 'VERSION'],
    [/\b[0-9a-f]{64}\b/g, () => '<hash>'],
    // However wide it was: the longest of a column says how wide that is.
    [/\b\d+ ms( *)/g, (_, after = '') => (after.length > 1 ? 'N ms  ' : `N ms${after}`)],
    [/"milliseconds": [\d.]+/g, () => '"milliseconds": N'],
    [/countersign(-cli\/| )\d+\.\d+\.\d+/g, (_, between = '') => `countersign${between}VERSION`],
    ...Object.entries(vars)
      .filter(([name]) => ['URL', 'ISSUER', 'COUNTERSIGN_CONFIG_DIR'].includes(name))
      .map(([name, value]): [RegExp, () => string] => [new RegExp(escaped(value), 'g'), () => `$${name}`]),
    [new RegExp(escaped(url.replace(/^https?:\/\//, '')), 'g'), () => 'HOST'],
  ]
  return (text) => {
    let out = text
    for (const [pattern, name] of rules) {
      out = out.replace(pattern, (found: string, ...rest: unknown[]) => {
        const groups = rest.filter((each): each is string => typeof each === 'string').slice(0, -1)
        const offset = rest.find((each) => typeof each === 'number') as number
        const named = name(found, ...groups)
        // A column stays one.
        return out.startsWith('  ', offset + found.length) ? named.padEnd(found.length) : named
      })
    }
    return out
  }
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
