import { Button, Group, Stack } from '@mantine/core'
import { useState } from 'react'
import { Copy } from '../../parts/copy.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { Section } from '../../parts/section.tsx'
import { serviceUrl } from '../../wire/base.ts'
import { requestRaw } from '../../wire/request.ts'

/** The organization as it is, as the file that `countersign apply` takes. */
export function AsFile({ org, name }: { org: string; name: string }) {
  const [text, setText] = useState<string>()
  const [error, setError] = useState<unknown>()
  const show = () =>
    requestRaw(`/api/v1/orgs/${org}/export`, { accept: 'application/yaml' })
      .then((response) => response.text())
      .then((yaml) => {
        setError(undefined)
        setText(yaml)
      }, setError)
  return (
    <Section
      title="Under version control"
      about="Teams, accounts, issuers and policies can be kept in a file, reviewed as one, and applied. This is the organization as it is."
      actions={
        <Button variant="default" onClick={() => void show()}>
          Show as YAML
        </Button>
      }
    >
      <ProblemAlert error={error} />
      {text !== undefined && (
        <Stack gap="xs">
          <Group justify="flex-end" gap="xs">
            <Copy text={text} what="YAML" />
          </Group>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard (WCAG 2.1.1) */}
          <pre className="code" style={{ maxHeight: 420, overflow: 'auto' }} tabIndex={0}>
            {text}
          </pre>
        </Stack>
      )}
      <pre className="code">{`countersign plan ${name}.yaml --url ${serviceUrl}\ncountersign apply ${name}.yaml --url ${serviceUrl}`}</pre>
    </Section>
  )
}
