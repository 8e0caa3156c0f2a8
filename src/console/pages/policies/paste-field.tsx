import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { isLikeToken, type ReadToken, readToken } from './read-token.ts'

type Props = {
  onToken: (token: ReadToken) => void
  /** Whether it was understood. */
  onPlace: (text: string) => boolean
}

/** An address or a token, read here. A token leaves the field in the moment that it comes, its signature with it. */
export function PasteField({ onToken, onPlace }: Props) {
  const [text, setText] = useState('')
  const [fault, setFault] = useState<string>()

  function readAsToken(pasted: string): void {
    const read = readToken(pasted)
    setText('')
    setFault('fault' in read ? `This token cannot be read. ${read.fault}` : undefined)
    if (!('fault' in read)) onToken(read)
  }
  function take(written: string): void {
    if (isLikeToken(written)) readAsToken(written)
    else {
      setText(written)
      setFault(undefined)
    }
  }
  function read(written: string): void {
    const text = written.trim()
    // Whatever begins like a token is told what is wrong with it as one.
    if (/^ey[\w-]*\./.test(text)) readAsToken(text)
    else if (text !== '') setFault(onPlace(text) ? undefined : notUnderstood)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    read(text)
  }
  return (
    <form onSubmit={submit}>
      <Stack gap={4}>
        <Group align="flex-end" gap="sm" wrap="nowrap">
          <TextInput
            label="Repository, pipeline or workload; or one of its tokens"
            placeholder="https://github.com/acme/app"
            value={text}
            onChange={(event) => take(event.currentTarget.value)}
            onPaste={(event) => {
              const pasted = event.clipboardData.getData('text')
              event.preventDefault()
              take(pasted.trim())
              if (!isLikeToken(pasted)) read(pasted)
            }}
            error={fault}
            autoComplete="off"
            spellCheck={false}
            style={{ flex: 1, minWidth: 0 }}
          />
          {fault === undefined && (
            <Button type="submit" variant="default">
              Read it
            </Button>
          )}
        </Group>
        {fault !== undefined && (
          <Button type="submit" variant="default" style={{ alignSelf: 'flex-start' }}>
            Read it
          </Button>
        )}
        <Text size="xs" c="dimmed">
          A token is decoded in this browser alone: its signature is dropped at once, and it is neither sent nor kept.
        </Text>
      </Stack>
    </form>
  )
}

const notUnderstood =
  'This is not understood. Paste the address of a repository (GitHub, GitLab, Bitbucket), pipeline (CircleCI, Buildkite), workspace (Terraform) or app (Vercel, Fly), an ARN, a SPIFFE ID, or namespace/serviceaccount of a cluster; or write the policy by hand below.'
