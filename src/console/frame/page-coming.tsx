import { Skeleton, Stack } from '@mantine/core'

/** While a page is fetched: as high as its head. */
export const PageComing = () => (
  <Stack gap="lg" role="status" aria-label="Loading the page">
    <Skeleton height={36} width="40%" />
    <Skeleton height={220} />
  </Stack>
)
