import { Skeleton } from '@mantine/core'
import { Page } from '../../parts/page.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { startRoute } from '../../router.ts'
import { useObject } from '../../wire/objects.ts'
import { isOrgAdmin } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { Organization } from '../../wire/shapes.ts'
import { Checklist } from './checklist.tsx'
import { Overview } from './overview.tsx'
import { PracticeNotice } from './practice-notice.tsx'
import { useProgress } from './progress.ts'
import { TeamsOnly } from './teams-only.tsx'

/** What an organization looks like at a glance; until its first exchange, the way to it. */
export function StartPage() {
  const { org } = startRoute.useParams()
  const { me } = useSession()
  const { data, error } = useObject<Organization>(`/orgs/${org}`)
  const title = data ? (data.display_name ?? data.name) : org
  return (
    <Page title={title}>
      {/* How high its name is decides where all else stands. */}
      {!data && !error && <Skeleton height={34} role="status" aria-label="Loading the organization" />}
      {isOrgAdmin(me) ? <ForAdmins org={org} /> : <TeamsOnly org={org} />}
    </Page>
  )
}

function ForAdmins({ org }: { org: string }) {
  const progress = useProgress(org)
  if (progress.error) return <ProblemAlert error={progress.error} retry={progress.retry} />
  if (!progress.isKnown) return <Skeleton height={420} role="status" aria-label="Loading the overview" />
  if (!progress.granted) return <Checklist org={org} progress={progress} />
  return (
    <>
      {progress.practice && <PracticeNotice org={org} practice={progress.practice} />}
      <Overview org={org} />
    </>
  )
}
