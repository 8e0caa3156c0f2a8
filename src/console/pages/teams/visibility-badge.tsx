import { Badge } from '@mantine/core'
import type { Visibility } from '../../wire/shapes.ts'
import { visibilityLabel } from './visibility.ts'

const colors = { team: 'blue', restricted: 'orange', open: 'green', public: 'teal' } as const

export const VisibilityBadge = ({ visibility }: { visibility: Visibility }) => (
  <Badge color={colors[visibility]}>{visibilityLabel(visibility)}</Badge>
)
