import { Page } from '../../parts/page.tsx'

export function HygienePage() {
  return <Page title="Hygiene">{null}</Page>
}
