/** What an export is made of: lines of a stream, rows of a table; and what an address asks for. */
import { expect } from 'chai'
import { changesOf, restOf } from '../../../src/console/pages/audit/changes.ts'
import { csvHead, csvRow } from '../../../src/console/pages/audit/csv.ts'
import { fieldOf, isFiltered, queryOf, timeOf } from '../../../src/console/pages/audit/filters.ts'
import { linesOf } from '../../../src/console/pages/audit/lines.ts'
import type { AuditEvent } from '../../../src/console/wire/shapes.ts'

const event: AuditEvent = {
  id: 'evt_1',
  at: '2026-03-01T12:00:00.000Z',
  type: 'session.end',
  result: 'done',
  request_id: 'req_1',
  org: 'acme',
  actor: { type: 'user', id: 'user_1', name: '=HYPERLINK("https://evil.example")' },
  client: { ip: '127.0.0.1', user_agent: '@SUM(1)\r\n"x"' },
  detail: { before: { a: 1, b: '', same: [1], gone: true }, after: { a: 2, b: null, same: [1], more: 'x' }, why: 'so' },
  prev: 'p',
  hash: 'h',
}

describe('console/pages/audit: files', () => {
  const linesIn = async (...chunks: string[]) => {
    const bytes = new TextEncoder().encode(chunks.join('|'))
    async function* stream() {
      // Wherever it is cut, through a character too.
      for (const byte of bytes) yield Uint8Array.of(byte)
    }
    const lines: string[] = []
    for await (const line of linesOf(stream())) lines.push(line)
    return lines
  }
  it('reads lines wherever the stream is cut, the last one without its end too', async () => {
    expect(await linesIn('ä€𝄞\n\nb\nc')).to.deep.equal(['ä€𝄞', 'b', 'c'])
    expect(await linesIn('')).to.deep.equal([])
    expect(await linesIn('a\n')).to.deep.equal(['a'])
  })

  it('writes rows that a spreadsheet takes for text', () => {
    const row = csvRow(event)
    expect(row).to.include(`,"'=HYPERLINK(""https://evil.example"")",`)
    expect(row).to.include(`,"'@SUM(1)\r\n""x""",`)
    expect(row.endsWith(',p,h\r\n')).to.equal(true)
    expect(csvHead.split(',')).to.have.length(19)
    const quoted = row.replaceAll(/"(?:[^"]|"")*"/g, 'q')
    expect(quoted.split(',')).to.have.length(19)
  })

  it('shows only what differs, and the rest by itself', () => {
    expect(changesOf(event)).to.deep.equal([
      { name: 'a', before: '1', after: '2' },
      { name: 'b', before: '(empty)', after: '—' },
      { name: 'gone', before: 'true', after: '—' },
      { name: 'more', before: '—', after: 'x' },
    ])
    expect(restOf(event)).to.deep.equal([['why', 'so']])
    expect(restOf({ detail: { before: 'noon' } })).to.deep.equal([['before', 'noon']])
  })

  it('asks for what the address says, a span up to now', () => {
    const now = Date.parse('2026-03-02T12:00:00Z')
    expect(queryOf({ span: '24h', from: 'x', actor: ' ada ', event: 'evt_1', chain: '1' }, now)).to.deep.equal({
      actor: 'ada',
      from: '2026-03-01T12:00:00.000Z',
    })
    expect(queryOf({ span: 'custom', from: '2026-03-01T12:00Z', to: 'soon' }, now)).to.deep.equal({
      from: '2026-03-01T12:00:00.000Z',
    })
    expect(isFiltered({ event: 'evt_1', of: 'req_1', span: 'custom' })).to.equal(false)
    expect(isFiltered({ span: '1h' })).to.equal(true)
  })

  it('gives a time to a field and takes it back, the end of a minute included', () => {
    const from = timeOf('2026-03-01T12:30', 'from')
    expect(new Date(from).getTime()).to.equal(new Date(2026, 2, 1, 12, 30).getTime())
    expect(Date.parse(timeOf('2026-03-01T12:30', 'to')) - Date.parse(from)).to.equal(59_999)
    for (const time of [from, timeOf('2026-03-01T12:30', 'to')]) expect(fieldOf(time)).to.equal('2026-03-01T12:30')
    expect(timeOf('', 'to')).to.equal('')
    expect(fieldOf('soon')).to.equal('')
  })
})
