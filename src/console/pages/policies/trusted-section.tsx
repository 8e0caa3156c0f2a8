import { Facts } from '../../parts/facts.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import { Section } from '../../parts/section.tsx'
import { ops } from './condition-row.tsx'
import type { Draft } from './draft.ts'

/** What the policy says, for those who only look. */
export function TrustedSection({ org, draft }: { org: string; draft: Draft }) {
  const { issuer, subject, match, rows, cel } = draft
  return (
    <Section title="What a token has to say" about="All of it has to hold.">
      <Facts
        rows={[
          [
            'Issuer',
            <PageLink key="issuer" inherit to="/$org/issuers/$issuer" params={{ org, issuer }}>
              {issuer}
            </PageLink>,
          ],
          [match === 'glob' ? 'Subject, as a pattern' : 'Subject', <Said key="subject" text={subject} />],
          ...rows.map(({ id, claim, op, values }, at) => {
            const test = ops.find(({ value }) => value === op)?.label
            return [
              `Condition ${at + 1}`,
              <span key={id}>
                <Said text={claim} /> {op === 'exists' && values[0] === false ? 'is absent' : test}{' '}
                {op !== 'exists' && <Said text={values.map((one) => JSON.stringify(one)).join(', ')} />}
              </span>,
            ] as const
          }),
          cel !== '' && [
            'Expression',
            <pre key="cel" className="code">
              {cel}
            </pre>,
          ],
        ]}
      />
    </Section>
  )
}

const Said = ({ text }: { text: string }) => <span className="mono">{text}</span>
