import { Page } from '../../parts/page.tsx'

export function ServersPage() {
  return <Page title="Servers">{null}</Page>
}
