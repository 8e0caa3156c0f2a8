/**
 * Which claims an expression reads, as far as its text says so: `claims.name` and `claims["name"]`. Whatever else it does
 * with `claims` may read any of them. Pure. Errs on the side of "any": a word in a literal counts as well.
 */
export type Reads = { claims: 'any' | ReadonlySet<string>; header: boolean }

const mention = /(?<![\w$])claims(?![\w$])/g
/** Behind `claims`: a member that is no call, or an index that is a plain literal. */
const member = /^\s*\.\s*([A-Za-z_]\w*)(?!\w)(?!\s*\()/
const index = /^\s*\[\s*(?:"([^"\\]*)"|'([^'\\]*)')\s*\]/

export function readsOf(source: string): Reads {
  const names = new Set<string>()
  const header = /(?<![\w$])header(?![\w$])/.test(source)
  for (const { index: at } of source.matchAll(mention)) {
    const behind = source.slice(at + 'claims'.length)
    const [, named] = member.exec(behind) ?? []
    const [, double, single] = index.exec(behind) ?? []
    const name = named ?? double ?? single
    if (name === undefined) return { claims: 'any', header }
    names.add(name)
  }
  return { claims: names, header }
}
