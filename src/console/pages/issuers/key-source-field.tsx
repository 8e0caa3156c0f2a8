import {
  Alert,
  Button,
  FileButton,
  Group,
  Input,
  SegmentedControl,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import { IconAlertOctagon, IconUpload } from '@tabler/icons-react'
import { useState } from 'react'
import type { IssuerDraft, KeySource } from './issuer-draft.ts'
import { judgeKeysText } from './keys-text.ts'

type Props = {
  draft: IssuerDraft
  change: (changes: Partial<IssuerDraft>) => void
  errors: Record<string, string>
}

/** Where the keys come from. What is uploaded is judged here first; a private key goes nowhere. */
export function KeySourceField({ draft, change, errors }: Props) {
  return (
    <Stack gap="xs">
      <Input.Wrapper label="Keys" labelElement="div">
        <SegmentedControl
          fullWidth
          mt={4}
          aria-label="Where its keys come from"
          value={draft.source}
          onChange={(source) => change({ source: source as KeySource })}
          data={[
            { value: 'discovery', label: 'Discovery' },
            { value: 'jwks_uri', label: 'Key set URL' },
            { value: 'upload', label: 'Upload' },
          ]}
        />
      </Input.Wrapper>
      {draft.source === 'discovery' && (
        <Text size="xs" c="dimmed">
          Found below the issuer URL, and fetched anew when they are rotated.
        </Text>
      )}
      {draft.source === 'jwks_uri' && (
        <TextInput
          label="Key set URL (jwks_uri)"
          description="For an issuer without a discovery document."
          placeholder="https://idp.example.com/jwks.json"
          value={draft.jwksUri}
          onChange={(event) => change({ jwksUri: event.currentTarget.value })}
          error={errors.jwks_uri}
          required
          type="url"
          spellCheck={false}
          autoComplete="off"
        />
      )}
      {draft.source === 'upload' && <Upload text={draft.keysText} change={change} error={errors.jwks} />}
    </Stack>
  )
}

type UploadProps = { text: string; change: Props['change']; error: string | undefined }

function Upload({ text, change, error }: UploadProps) {
  const [secret, setSecret] = useState<string>()
  const judged = text.trim() === '' ? undefined : judgeKeysText(text)
  const take = (given: string) => {
    const { ok, ...said } = judgeKeysText(given)
    const isSecret = !ok && 'isSecret' in said && said.isSecret
    setSecret(isSecret ? said.why : undefined)
    change({ keysText: isSecret ? '' : given })
  }
  const complaint = error ?? (judged && !judged.ok ? judged.why : undefined)
  return (
    <Stack gap="xs">
      <Textarea
        label="Public keys (JWKS)"
        description="For an issuer that this installation cannot reach. They are not fetched: upload them anew when they are rotated."
        placeholder='{"keys": [{"kty": "RSA", "kid": "…", "n": "…", "e": "AQAB"}]}'
        value={text}
        onChange={(event) => take(event.currentTarget.value)}
        error={complaint}
        required
        autosize
        minRows={4}
        maxRows={12}
        spellCheck={false}
        autoComplete="off"
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.8rem' } }}
      />
      <Group gap="sm">
        <FileButton
          onChange={(file) => void file?.text().then(take)}
          accept=".json,.jwks,application/json"
          inputProps={{ 'aria-label': 'Key set file' }}
        >
          {(props) => (
            <Button {...props} size="xs" variant="default" leftSection={<IconUpload size={14} />}>
              Choose a file
            </Button>
          )}
        </FileButton>
        {judged?.ok && (
          <Text size="sm" role="status">
            {judged.keys.length === 1 ? 'One public key' : `${judged.keys.length} public keys`}, no private ones.
          </Text>
        )}
      </Group>
      {secret && (
        <Alert color="red" role="alert" icon={<IconAlertOctagon />} title="A private key: not taken">
          {secret}
        </Alert>
      )}
    </Stack>
  )
}
