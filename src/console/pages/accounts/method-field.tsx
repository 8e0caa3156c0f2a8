import { Badge, Group, Radio, Stack, Text } from '@mantine/core'
import { useObject } from '../../wire/objects.ts'
import type { Issuer, Method, Page } from '../../wire/shapes.ts'

type Props = {
  org: string
  scope: 'organization' | 'team'
  value: Method
  onChange: (method: Method) => void
}

/** How the workload proves itself. Federation is advised where an identity provider is trusted already. */
export function MethodField({ org, scope, value, onChange }: Props) {
  const { data } = useObject<Page<Issuer>>(`/orgs/${org}/issuers`, { limit: 200 })
  const isAdvised = scope === 'team' && data?.items.some(({ enabled }) => enabled)
  return (
    <Radio.Group
      label="Authentication method"
      value={scope === 'organization' ? 'api_key' : value}
      onChange={(method) => onChange(method as Method)}
    >
      <Stack gap="xs" mt="xs">
        <Radio
          value="api_key"
          label="Built-in API key"
          description="For a workload whose platform gives it no identity. It keeps a long-lived secret."
        />
        <Radio
          value="federated"
          disabled={scope === 'organization'}
          label={
            <Group gap="xs" component="span">
              Federated identity
              {isAdvised && (
                <Badge color="teal" component="span">
                  Recommended
                </Badge>
              )}
            </Group>
          }
          description="For CI jobs, pods and cloud machines: their platform signs a token for them, and no secret is stored."
        />
      </Stack>
      {scope === 'organization' && (
        <Text size="xs" c="dimmed" mt={6}>
          Federated accounts belong to a team. Choose the scope “Team” for one.
        </Text>
      )}
    </Radio.Group>
  )
}
