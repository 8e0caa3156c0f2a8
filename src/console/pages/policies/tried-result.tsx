import { Alert, Badge, List, Stack, Text } from '@mantine/core'
import { IconCheck, IconX } from '@tabler/icons-react'
import type { ExplainCondition, Explained } from '../../wire/shapes.ts'

const outcomes = { ok: ['green', 'ok'], failed: ['red', 'failed'], skipped: ['gray', 'not reached'] } as const

/** What the exchange would have made of the token by this policy: each test with what was expected and what came. */
export function TriedResult({ explained }: { explained: Explained }) {
  const { steps, candidates } = explained
  const tried = candidates.find(({ policy }) => policy === null)
  // A draft grants nothing, and so does this one: what is asked is whether all of it holds, and the token is good.
  const failed = steps.find(({ step, outcome }) => outcome === 'failed' && step !== 'match')
  const fits = tried?.conditions.every(({ holds }) => holds) === true && tried.conditions.length > 0
  const isIn = fits && !failed
  return (
    <Stack gap="sm">
      <Alert
        color={isIn ? 'teal' : 'red'}
        icon={isIn ? <IconCheck /> : <IconX />}
        role="status"
        title={isIn ? 'This token would be let in' : 'This token would be refused'}
      >
        <Text size="sm">
          {isIn
            ? 'Its signature, audience and times are good, and the policy fits it.'
            : failed
              ? failed.message
              : 'The policy does not fit it: see what it expected.'}
        </Text>
      </Alert>
      <List size="sm" listStyleType="none" spacing={4}>
        {steps
          .filter(({ step }) => ['read', 'issuer', 'signature', 'time'].includes(step))
          .map(({ step, outcome, message, hints }) => (
            <List.Item key={step}>
              <Badge color={outcomes[outcome][0]} mr="xs">
                {step}: {outcomes[outcome][1]}
              </Badge>
              {message}
              {hints.map((hint) => (
                <Text key={hint.message} size="xs" c="dimmed">
                  {hint.message}
                </Text>
              ))}
            </List.Item>
          ))}
      </List>
      {tried && <Tests conditions={tried.conditions} />}
    </Stack>
  )
}

function Tests({ conditions }: { conditions: readonly ExplainCondition[] }) {
  return (
    <table className="list" aria-label="What the policy asks, and what the token says">
      <thead>
        <tr>
          <th scope="col">Claim</th>
          <th scope="col">Expected</th>
          <th scope="col">Received</th>
          <th scope="col">Holds</th>
        </tr>
      </thead>
      <tbody>
        {conditions.map(({ claim, op, expected, received, holds, hints }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same test may stand there twice
          <tr key={at} className="row">
            <td className="main mono">{claim}</td>
            <td data-label="Expected">
              <span className="mono">
                {op} {shown(expected)}
              </span>
            </td>
            <td data-label="Received">
              <span className="mono">{received === null ? 'nothing' : shown(received)}</span>
              {hints.map(({ message }) => (
                <Text key={message} size="xs" c="dimmed">
                  {message}
                </Text>
              ))}
            </td>
            <td data-label="Holds">
              <Badge color={holds ? 'green' : 'red'}>{holds ? 'Yes' : 'No'}</Badge>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
