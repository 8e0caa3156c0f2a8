import { Badge } from '@mantine/core'
import type { Role } from '../../wire/shapes.ts'

const looks = { admin: ['violet', 'Admin'], member: ['blue', 'Member'], viewer: ['gray', 'Viewer'] } as const

export const RoleBadge = ({ role }: { role: Role }) => <Badge color={looks[role][0]}>{looks[role][1]}</Badge>
