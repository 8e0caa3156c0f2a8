import { Page } from '../../parts/page.tsx'

export function IssuersPage() {
  return <Page title="Issuers">{null}</Page>
}
