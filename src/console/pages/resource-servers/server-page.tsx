import { Page } from '../../parts/page.tsx'

export function ServerPage() {
  return <Page title="Server">{null}</Page>
}
