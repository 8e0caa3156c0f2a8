import { Breadcrumbs } from '@mantine/core'
import type { ReactNode } from 'react'

/** Above the title of an object: links to the pages that it stands below. */
export const Trail = ({ children }: { children: ReactNode }) => (
  <nav aria-label="Where this is">
    <Breadcrumbs separatorMargin="xs">{children}</Breadcrumbs>
  </nav>
)
