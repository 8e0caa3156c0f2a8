/** docs/explanation/what-a-policy-asks.md says what the code does. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { loadCel } from '../src/server/trust/cel.ts'
import { limits } from '../src/server/trust/cel-limits.ts'
import { compilePolicy, longestConditions, mostConditions } from '../src/server/trust/compile.ts'
import { operators, type WrittenPolicy } from '../src/server/trust/policy.ts'
import { root } from './support/server.ts'

describe('docs/explanation/what-a-policy-asks.md', () => {
  const text = readFileSync(join(root, 'docs/explanation/what-a-policy-asks.md'), 'utf8')
  const block = (from: string) => text.slice(text.indexOf(from)).split('```')[0] as string

  it('shows a policy that can be compiled', async () => {
    const written = JSON.parse(block('{"issuer"')) as WrittenPolicy
    const conditions = written.conditions.map((one) => (one.op === 'exists' ? { ...one, value: true } : one))
    const ids = { id: 'tp_1', name: 'main', issuerId: 'iss_1', state: 'live' as const }
    expect(compilePolicy({ ...written, ...ids, conditions }, await loadCel()).ok).to.equal(true)
  })

  it('shows the fault of an expression as it is told', async () => {
    const [shown] = JSON.parse(block('{"errors"')).errors
    const made = (await loadCel()).compile(String(shown.caret).split('\n')[0] as string)
    expect(made.ok ? {} : { path: 'cel', ...made.fault }).to.deep.equal(shown)
  })

  it('has a row for every operator, and the limits as they are', () => {
    const rows = [...text.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
    expect(rows).to.deep.equal([...operators])
    const said = (number: number) => number.toLocaleString('en')
    for (const limit of [
      mostConditions,
      longestConditions,
      limits.source,
      limits.nodes,
      limits.list,
      limits.milliseconds,
    ])
      expect(text).to.include(said(limit))
  })
})
