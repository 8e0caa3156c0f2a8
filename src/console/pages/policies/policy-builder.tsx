import { Alert, Grid, Stack } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { InTurn } from '../../parts/in-turn.tsx'
import { Section } from '../../parts/section.tsx'
import type { Issuer, Preset, ServiceAccount, TrustPolicy } from '../../wire/shapes.ts'
import type { AccountPlace } from './addresses.ts'
import { AskedSection } from './asked-section.tsx'
import { CodeSection } from './code-section.tsx'
import type { Draft } from './draft.ts'
import { IssuerPicker } from './issuer-picker.tsx'
import { JudgedSection } from './judged-section.tsx'
import { PasteField } from './paste-field.tsx'
import { PreviewSection } from './preview-section.tsx'
import { ReadSummary, type Summary } from './read-summary.tsx'
import { SaveSection } from './save-section.tsx'
import { TrustedSection } from './trusted-section.tsx'
import { TrySection } from './try-section.tsx'
import { useBuilder } from './use-builder.ts'
import { useLint } from './use-lint.ts'

type Props = {
  place: AccountPlace
  account: ServiceAccount
  issuers: readonly Issuer[]
  presets: readonly Preset[]
  begin: Draft
  summary?: Summary | undefined
  /** The one that is changed. */
  policy?: TrustPolicy | undefined
  etag?: string | undefined
  /** False: it is only looked at, and tried. */
  mayChange: boolean
  /** Whether anything differs from what it began with. */
  onTyped: (typed: boolean) => void
  onSaved: (policy: TrustPolicy) => void
}

/** A trust policy, from what is known of a workload to what lets it in. */
export function PolicyBuilder(props: Props) {
  const { place, account, issuers, presets, begin, summary, policy, etag, mayChange, onTyped } = props
  const [first] = useState(begin)
  const builder = useBuilder({ issuers, presets, begin: first, summary })
  const { draft, change } = builder
  const sa = `${account.team}/${account.name}`
  const lint = useLint(place.org, draft, sa, policy?.id)
  const navigate = useNavigate()
  const isTyped = draft !== first
  useEffect(() => onTyped(isTyped), [isTyped, onTyped])
  const onSaved = (saved: TrustPolicy) => {
    props.onSaved(saved)
    void navigate({
      to: '/$org/$team/service-accounts/$account/policies/$policy',
      params: { ...place, policy: saved.id },
      search: {},
    })
  }
  const notice = builder.issuer && !builder.issuer.enabled && (
    <Alert color="yellow" title="This issuer is disabled: nobody gets in by it" py="xs">
      {null}
    </Alert>
  )
  return (
    <InTurn>
      <Grid gap="lg" align="flex-start">
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <Stack gap="lg">
            {mayChange ? (
              <>
                <Section
                  title="Whose tokens"
                  about="Begin from a workload that you know, or choose the issuer by hand."
                >
                  <Stack gap="md">
                    <PasteField onPlace={builder.takePlace} onToken={builder.takeToken} />
                    {builder.summary && <ReadSummary {...builder.summary} />}
                    <IssuerPicker
                      org={place.org}
                      issuers={issuers}
                      presets={presets}
                      value={builder.issuer}
                      onChange={(issuer) => change({ issuer })}
                    />
                    {notice}
                  </Stack>
                </Section>
                <AskedSection builder={builder} problem={lint.error} />
              </>
            ) : (
              <>
                {notice}
                <TrustedSection org={place.org} draft={draft} />
              </>
            )}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }} style={{ position: 'sticky', top: '4.5rem' }}>
          <InTurn>
            <JudgedSection builder={builder} lint={lint} mayChange={mayChange} isOpening={!isTyped && lint.isOpening} />
            {mayChange && (
              <SaveSection
                place={place}
                account={account}
                draft={draft}
                onName={(name) => change({ name })}
                policy={policy}
                etag={etag}
                findings={lint.findings}
                onSaved={onSaved}
              />
            )}
          </InTurn>
        </Grid.Col>
      </Grid>
      <PreviewSection place={place} draft={draft} policy={policy} />
      <TrySection org={place.org} draft={draft} account={sa} />
      <CodeSection place={place} account={account} draft={draft} preset={builder.preset} policy={policy} />
    </InTurn>
  )
}
