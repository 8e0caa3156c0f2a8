type Granted = { account: string; id: string; expiresAt: Date; requestId: string }

/** For the page of the run. Never a token. */
export function summaryOf({ account, id, expiresAt, requestId }: Granted): string {
  const rows = [
    ['Service account', account === '' ? code(id) : `${code(account)} ${code(id)}`],
    ['Expires', code(expiresAt.toISOString())],
    ['Request', code(requestId)],
  ]
  return ['### Countersign', '', '| | |', '|---|---|', ...rows.map((row) => `| ${row.join(' | ')} |`), ''].join('\n')
}

/** What it holds is text and nothing else. */
const code = (text: string) => `\`${text.replaceAll(/[`|\r\n]/g, ' ')}\``
