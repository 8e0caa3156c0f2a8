/**
 * A transcript is a page with what somebody typed at a shell and what came, in ```console blocks:
 *
 *     $ countersign team get nope        typed where nobody sits; `%`: at a terminal
 *     2> countersign: there is nothing … a line on stderr
 *     [exit 3]                           only when it is not 0
 *     ? To delete …, type its name: ml   a question at a terminal, and what was typed
 *     > …                                what was typed goes on here
 *
 * Of the shell there is what the pages need: variables, quotes, `echo … |`, `NAME=$(…)`, `< file`, `cat > file <<EOF`,
 * export, unset, chmod, and `token claim=value …`, which signs a token of the provider at $ISSUER. What differs from run
 * to run stands as its name ($URL, team_1, <time>), filled up so that columns stay columns.
 */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../src/cli/main.ts'
import type { Provider } from './identity-provider.ts'
import { leaks } from './leaks.ts'
import { type Normal, normalizer } from './normal.ts'

export type Stage = { dir: string; provider: Pick<Provider, 'token'>; vars: Record<string, string>; audience: string }

/** The page as it is when it is played now. */
export async function played(page: string, stage: Stage): Promise<string> {
  const shell = createShell(stage)
  const parts = page.split(/^(```console\n[\s\S]*?^```$)/m)
  const out: string[] = []
  for (const part of parts) {
    const [, block] = /^```console\n([\s\S]*?)^```$/m.exec(part) ?? []
    if (!part.startsWith('```console') || block === undefined) out.push(part)
    else out.push(`\`\`\`console\n${await playBlock(block, shell)}\`\`\``)
  }
  return out.join('')
}

type Typed = { lines: string[]; atTerminal: boolean; answers: string[] }

async function playBlock(block: string, shell: Shell): Promise<string> {
  let out = ''
  for (const typed of typedIn(block)) {
    const [first, ...more] = typed.lines
    out += `${typed.atTerminal ? '%' : '$'} ${[first, ...more.map((line) => `> ${line}`)].join('\n')}\n`
    out += await shell(typed)
  }
  return out
}

function typedIn(block: string): Typed[] {
  const found: Typed[] = []
  let fresh = false
  for (const line of block.split('\n')) {
    const last = found.at(-1)
    if (/^[$%] /.test(line)) found.push({ lines: [line.slice(2)], atTerminal: line.startsWith('%'), answers: [] })
    else if (last && fresh && /^> ?/.test(line)) last.lines.push(line.replace(/^> ?/, ''))
    else if (last && line.startsWith('? ')) last.answers.push(line.slice(line.lastIndexOf(': ') + 2))
    fresh = /^[$%>]/.test(line)
  }
  return found
}

type Shell = (typed: Typed) => Promise<string>

function createShell({ dir, provider, vars, audience }: Stage): Shell {
  const known = new Map(Object.entries(vars))
  const exported = new Set(['NO_COLOR', ...Object.keys(vars).filter((name) => name.startsWith('COUNTERSIGN_'))])
  known.set('NO_COLOR', '1')
  const normal = normalizer(vars)
  const file = (path: string) => (path.startsWith('/') ? path : join(dir, path))

  async function call(words: string[], typed: Typed, stdin = ''): Promise<{ said: Said[]; code: number }> {
    const own = new Map<string, string>()
    while (/^\w+=/.test(words[0] ?? '')) {
      const [name = '', ...value] = (words.shift() as string).split('=')
      own.set(name, value.join('='))
    }
    const from = words.indexOf('<')
    const input = from < 0 ? stdin : readFileSync(file(words.splice(from, 2)[1] as string), 'utf8')
    if (words.shift() !== 'countersign') throw new Error(`no such command here: ${typed.lines[0]}`)
    const said: Said[] = []
    const env = Object.fromEntries([...exported].map((name) => [name, known.get(name)]))
    const code = await run(['node', 'countersign', ...words], {
      stdout: { write: (text) => void said.push({ to: 1, text }), isTTY: typed.atTerminal },
      stderr: { write: (text) => void said.push({ to: 2, text }), isTTY: typed.atTerminal },
      stdin: {
        isTTY: typed.atTerminal,
        text: async () => input,
        line: async (question) => {
          const answer = typed.answers.shift() ?? ''
          said.push({ to: '?', text: `${question}${answer}\n` })
          return answer
        },
      },
      env: { ...env, ...Object.fromEntries(own) },
      home: dir,
      cwd: dir,
      now: Date.now,
    })
    for (const [secret] of said
      .map(({ text }) => text)
      .join('')
      .matchAll(/csk_[0-9A-Za-z]{49}/g))
      leaks.learn('an API key', secret)
    return { said, code }
  }

  return async (typed) => {
    const [first = '', ...rest] = typed.lines
    const [, target] = /^cat > (\S+) <<EOF$/.exec(first) ?? []
    if (target !== undefined) {
      writeFileSync(
        file(target),
        rest
          .slice(0, -1)
          .map((line) => `${expanded(line, known)}\n`)
          .join(''),
      )
      return ''
    }
    const line = typed.lines.join('\n').replace(/\\\n\s*/g, '')
    const [, name, inner] = /^(\w+)=\$\((.*)\)$/s.exec(line) ?? []
    if (name !== undefined && inner !== undefined) {
      const words = wordsOf(inner, known)
      if (words[0] === 'token') known.set(name, tokenOf(words.slice(1), provider, audience))
      else {
        const { said, code } = await call(words, typed)
        if (code !== 0) return shown(said, code, normal)
        known.set(
          name,
          said
            .map(({ to, text }) => (to === 1 ? text : ''))
            .join('')
            .trimEnd(),
        )
      }
      return ''
    }
    const [, echoed, piped] = /^echo (.*?) \| (.*)$/s.exec(line) ?? []
    const words = wordsOf(piped ?? line, known)
    if (words[0] === 'export')
      for (const each of words.slice(1)) {
        const [name = '', ...value] = each.split('=')
        known.set(name, value.join('='))
        exported.add(name)
      }
    else if (words[0] === 'unset') for (const each of words.slice(1)) exported.delete(each)
    else if (words[0] === 'chmod') chmodSync(file(words[2] as string), Number.parseInt(words[1] as string, 8))
    else {
      const stdin = echoed === undefined ? '' : `${wordsOf(echoed, known).join(' ')}\n`
      const { said, code } = await call(words, typed, stdin)
      return shown(said, code, normal)
    }
    return ''
  }
}

type Said = { to: 1 | 2 | '?'; text: string }

function shown(said: readonly Said[], code: number, normal: Normal): string {
  let out = ''
  for (const { to, text } of said) {
    const lines = normal(text.replace(/\n$/, '')).split('\n')
    for (const line of lines) out += `${to === 1 ? line : to === 2 ? `2> ${line}`.trimEnd() : `? ${line}`}\n`
  }
  return code === 0 ? out : `${out}[exit ${code}]\n`
}

const expanded = (text: string, known: ReadonlyMap<string, string>) =>
  text.replace(/\$(?:(\w+)|\{(\w+)\})/g, (all, one, other) => known.get(one ?? other) ?? all)

/** A shell's words: '…' as it stands, "…" with variables, a backslash before one character. */
function wordsOf(line: string, known: ReadonlyMap<string, string>): string[] {
  const words: string[] = []
  for (const [word] of line.matchAll(/(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+/gs))
    words.push(
      word.replace(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)|([^'"\\]+)/gs, (_, single, double, escaped, bare) => {
        if (single !== undefined) return single
        if (escaped !== undefined) return escaped
        return expanded(double === undefined ? bare : double.replace(/\\(["\\$])/g, '$1'), known)
      }),
    )
  return words
}

function tokenOf(words: readonly string[], provider: Pick<Provider, 'token'>, audience: string): string {
  const claims = words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)])
  return provider.token({ aud: audience, ...Object.fromEntries(claims) })
}
