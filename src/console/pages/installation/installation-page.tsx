import { Page } from '../../parts/page.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { Problem } from '../../wire/problem.ts'
import { isOperator } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import { OrganizationsSection } from './organizations-section.tsx'
import { RestoredNotice } from './restored-notice.tsx'
import { SigningKeysSection } from './signing-keys-section.tsx'
import { StateSection } from './state-section.tsx'

/** The operator's page: organizations, signing keys, and what the service says of itself. */
export function InstallationPage() {
  const { me } = useSession()
  if (!isOperator(me))
    return (
      <Page title="Installation">
        <ProblemAlert error={new Problem(403, { detail: 'this page is the operator’s', reason: 'forbidden' })} />
      </Page>
    )
  return (
    <Page title="Installation" about="What the operator runs. Organizations administer themselves.">
      <RestoredNotice />
      <OrganizationsSection />
      <SigningKeysSection />
      <StateSection />
    </Page>
  )
}
