/**
 * Takes the guards of docs/explanation/security.md out, one at a time, in a copy of this checkout, and sees the test that stands for
 * each go red.
 *
 *   npm run guards [-- WORD …]     those alone whose line, file or test holds one of the words
 *
 * Exits 1 when one of them is not missed by its test. `test/guards/guards.test.ts`, among all tests, sees that every guard
 * is still where this list looks for it.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Guard, guards } from './guards.ts'

const root = resolve(import.meta.dirname, '../..')
const words = process.argv.slice(2)
const wanted = ({ line, file, test }: Guard) =>
  words.length === 0 || words.some((word) => `${line} ${file} ${test}`.includes(word))

const copy = mkdtempSync(join(tmpdir(), 'countersign-guards-'))
for (const part of [
  'src',
  'test',
  'bin',
  'config',
  'bench',
  'docs',
  'deploy',
  'package.json',
  'tsconfig.json',
  'README.md',
])
  cpSync(join(root, part), join(copy, part), { recursive: true })
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))

/** Of mocha, on one file: how many of its tests have passed and failed, and the name of the first that failed. */
function tested(test: string): { passing: number; failing: number; first: string | undefined } {
  const mocha = join(root, 'node_modules/mocha/bin/mocha.js')
  const args = [mocha, '--no-config', '--timeout', '20000', '--exit', '--reporter', 'json', join(copy, test)]
  const { stdout } = spawnSync(process.execPath, args, {
    cwd: copy,
    encoding: 'utf8',
    timeout: 300_000,
    maxBuffer: 1e9,
  })
  // What a test prints stands before the report.
  const start = stdout.lastIndexOf('\n{\n  "stats"')
  const report = stdout.slice(start < 0 ? stdout.indexOf('{\n  "stats"') : start)
  try {
    const { stats, failures } = JSON.parse(report) as {
      stats: { passes: number; failures: number }
      failures: { fullTitle: string }[]
    }
    return { passing: stats.passes, failing: stats.failures, first: failures[0]?.fullTitle }
  } catch {
    // It did not even come to a report: a file that cannot be loaded shows nothing about a guard.
    return { passing: 0, failing: 0, first: undefined }
  }
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)
let standing = 0
let missed = 0
try {
  const whole = new Map<string, boolean>()
  for (const guard of guards.filter(wanted)) {
    const { line, file, cut, put = '', and = { cut: '', put: '' }, test } = guard
    if (!whole.has(test)) {
      const before = tested(test)
      whole.set(test, before.failing === 0 && before.passing > 0)
    }
    const path = join(copy, file)
    const kept = readFileSync(path, 'utf8')
    writeFileSync(
      path,
      kept.replace(cut, () => put).replace(and.cut, () => and.put),
    )
    const { failing, passing, first } = whole.get(test) ? tested(test) : { failing: 0, passing: 0, first: undefined }
    writeFileSync(path, kept)
    if (failing > 0) {
      missed++
      say(`red    ${line}: ${first ?? test}${failing > 1 ? ` (and ${failing - 1} more)` : ''}`)
      continue
    }
    standing++
    say(
      `GREEN  ${line}: ${test} ${!whole.get(test) ? 'fails by itself' : passing === 0 ? 'could not be loaded' : `does not miss it in ${file}`}`,
    )
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
say(`${missed} guards are missed by their tests, ${standing} are not`)
process.exitCode = standing === 0 && missed > 0 ? 0 : 1
