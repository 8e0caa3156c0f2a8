import { Page } from '../../parts/page.tsx'

export function IssuerPage() {
  return <Page title="Issuer">{null}</Page>
}
