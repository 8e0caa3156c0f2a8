type Value = null | undefined | string | number | boolean | Value[] | { [member: string]: Value }

/** As YAML 1.2 has it, for files that people keep. Members that are undefined are left out. */
export function yamlOf(value: Value, depth = 0): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : value.map((item) => entry(item, depth)).join('\n')
  if (typeof value !== 'object' || value === null) return scalar(value)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  if (members.length === 0) return '{}'
  return members.map(([name, member]) => `${pad(depth)}${scalar(name)}:${after(member, depth)}`).join('\n')
}

const pad = (depth: number) => '  '.repeat(depth)
const isLong = (value: Value) => typeof value === 'object' && value !== null && Object.keys(value).length > 0
const after = (value: Value, depth: number) =>
  isLong(value) ? `\n${yamlOf(value, depth + 1)}` : ` ${yamlOf(value, depth + 1)}`

/** What stands after the dash begins where the members below it stand. */
const entry = (value: Value, depth: number) =>
  `${pad(depth)}- ${isLong(value) ? yamlOf(value, depth + 1).trimStart() : yamlOf(value)}`

/** Bare only where no reader of YAML can take it for anything but this text. */
function scalar(value: string | number | boolean | null | undefined): string {
  if (typeof value !== 'string') return String(value ?? null)
  const isPlain = /^[a-zA-Z/][\w./@+-]*(:\/\/[\w./@:+-]*[\w/])?$/.test(value)
  const isWord = /^(true|false|null|yes|no|on|off|y|n)$/i.test(value)
  return isPlain && !isWord ? value : JSON.stringify(value)
}
