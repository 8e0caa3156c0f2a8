/**
 * The end of `npm run mutants`: every mutant that no unit test noticed must stand in explained.json with one line that
 * says why it changes nothing that a rule speaks of. A new one, and an explanation that is needed no more, fail the run.
 */
import { readFileSync } from 'node:fs'

type Place = { line: number; column: number }
type Mutant = { status: string; replacement?: string; location: { start: Place; end: Place } }
type Report = { files: Record<string, { source: string; mutants: Mutant[] }> }
/** `line`: as it stands in the source. `mutant`: what becomes what; without it, every mutant that begins on the line. */
type Explained = { line: string; mutant?: string; why: string }

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
const { files } = read('../../coverage/mutants.json') as Report
const explained = read('explained.json') as Record<string, Explained[]>

const found = Object.entries(files).flatMap(([file, { source, mutants }]) => {
  const lines = source.split('\n')
  return mutants.map(({ status, replacement = '', location: { start, end } }) => {
    const line = lines[start.line - 1] ?? ''
    const from = start.line === end.line ? line.slice(start.column - 1, end.column - 1) : line.slice(start.column - 1)
    const mutant = `${from} → ${replacement.split('\n')[0]}`
    return { file, number: start.line, line: line.trim(), mutant, status }
  })
})
type Found = (typeof found)[number]

const explains = ({ line, mutant }: Explained, one: Found) =>
  line === one.line && (mutant === undefined || mutant === one.mutant)
const survived = found.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
const unexplained = survived.filter((one) => !explained[one.file]?.some((entry) => explains(entry, one)))
// One that is too slow on a busy machine counts as noticed, and may survive again.
const alive = found.filter(({ status }) => status !== 'Killed')
const needless = Object.entries(explained).flatMap(([file, entries]) =>
  entries
    .filter((entry) => !alive.some((one) => one.file === file && explains(entry, one)))
    .map((entry) => ({ file, ...entry })),
)

const say = (text: string) => void process.stdout.write(`${text}\n`)
for (const { file, number, line, mutant } of unexplained) say(`survived: ${file}:${number}\n  ${line}\n  ${mutant}`)
for (const { file, line, mutant = 'every mutant' } of needless)
  say(`explained, and dead: ${file}\n  ${line}\n  ${mutant}`)
say(
  `${found.length} mutants: ${found.length - survived.length} noticed, ${survived.length - unexplained.length} explained, ${unexplained.length} survived`,
)
process.exitCode = unexplained.length + needless.length > 0 ? 1 : 0
