import { Page } from '../../parts/page.tsx'

export function ExchangesPage() {
  return <Page title="Exchanges">{null}</Page>
}
