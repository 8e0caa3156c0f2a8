import { Page } from '../../parts/page.tsx'

export function ExchangePage() {
  return <Page title="Exchange">{null}</Page>
}
