import { Button, Group, Radio, Stack, Text } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import { CodePanel } from '../../parts/code-panel.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { serviceUrl } from '../../wire/base.ts'
import type { AuditEvent } from '../../wire/shapes.ts'
import { csvHead, csvRow } from './csv.ts'
import { useStream } from './use-stream.ts'

type Form = 'ndjson' | 'csv'
type Props = { org: string; query: Record<string, string>; onClose: () => void }

/** Lines that are put together before the browser may lay them aside. */
const portion = 2_000

/** Puts what fits the filters into a file, oldest first. */
export function ExportPanel({ org, query, onClose }: Props) {
  const [form, setForm] = useState<Form>('ndjson')
  const stream = useStream<number, number>(org)
  const name = `audit-${org}-${new Date().toISOString().slice(0, 10)}.${form}`
  const isAll = Object.keys(query).length === 0

  const save = (event: FormEvent) => {
    event.preventDefault()
    void stream.run(query, async (lines, say) => {
      const type = form === 'csv' ? 'text/csv' : 'application/x-ndjson'
      const parts: Blob[] = []
      let waiting = form === 'csv' ? [csvHead] : []
      let count = 0
      for await (const line of lines) {
        waiting.push(form === 'csv' ? csvRow(JSON.parse(line) as AuditEvent) : `${line}\n`)
        count++
        if (count % portion !== 0) continue
        parts.push(new Blob(waiting))
        waiting = []
        say(count)
      }
      saveAs(new Blob([...parts, ...waiting], { type }), name)
      return count
    })
  }
  const asked = new URLSearchParams(query)
  const address = `${serviceUrl}/api/v1/orgs/${org}/audit-events${asked.size > 0 ? `?${asked}` : ''}`
  return (
    <Dialog title="Export the trail" opened onClose={onClose}>
      <form onSubmit={save}>
        <Stack>
          <Text size="sm">
            {isAll ? 'All events that you may see' : 'The events that fit the filters'}, oldest first, in one file.
          </Text>
          <Radio.Group label="Form" value={form} onChange={(value) => setForm(value as Form)}>
            <Stack gap="xs" mt="xs">
              <Radio
                value="ndjson"
                label="NDJSON"
                description="One event a line, whole, with its hash: the chain can be checked by it."
              />
              <Radio value="csv" label="CSV" description="A table for a spreadsheet, made in this browser." />
            </Stack>
          </Radio.Group>
          <CodePanel
            label="The same deed"
            codes={[
              {
                title: 'curl',
                text: `curl -sS -H "Authorization: Bearer $COUNTERSIGN_KEY" -H "Accept: application/x-ndjson" \\\n  "${address}"`,
              },
            ]}
          />
          <ProblemAlert error={stream.error} title="Nothing was saved" />
          <Text size="sm" aria-live="polite" mih="1.5em">
            {stream.isRunning && `${(stream.progress ?? 0).toLocaleString('en')} events read`}
            {stream.done !== undefined && `${name}: ${stream.done.toLocaleString('en')} events saved`}
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={stream.isRunning ? stream.cancel : onClose}>
              {stream.isRunning ? 'Cancel' : 'Close'}
            </Button>
            <Button type="submit" loading={stream.isRunning} leftSection={<IconDownload size={16} />}>
              Save the file
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

function saveAs(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has begun by then; what it reads from lives on.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
