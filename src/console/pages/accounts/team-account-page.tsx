import { Page } from '../../parts/page.tsx'

export function TeamAccountPage() {
  return <Page title="Team Account">{null}</Page>
}
