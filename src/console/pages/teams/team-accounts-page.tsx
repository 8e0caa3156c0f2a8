import { Page } from '../../parts/page.tsx'

export function TeamAccountsPage() {
  return <Page title="Team Accounts">{null}</Page>
}
