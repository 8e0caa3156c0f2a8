import { PageLink } from '../../parts/page-link.tsx'
import type { AuditEvent } from '../../wire/shapes.ts'
import type { Mention, Part } from './told.ts'

type Props = { org: string; event: AuditEvent; mention: Mention }

/** To the page of what an event speaks of; its name alone where there is none (any more). */
export function MentionLink({ org, event, mention }: Props) {
  const { what, text, isGone } = mention
  const { id, name } = what
  const plain = <b>{text}</b>
  if (isGone || id === undefined) return plain
  const team = event.team
  switch (what.type) {
    case 'service_account':
      return (
        <PageLink inherit to="/$org/service-accounts/$account" params={{ org, account: id }}>
          {text}
        </PageLink>
      )
    case 'user':
      return (
        <PageLink inherit to="/$org/users/$user" params={{ org, user: id }}>
          {text}
        </PageLink>
      )
    case 'issuer':
      return (
        <PageLink inherit to="/$org/issuers/$issuer" params={{ org, issuer: id }}>
          {text}
        </PageLink>
      )
    case 'resource_server':
      return (
        <PageLink inherit to="/$org/resource-servers/$server" params={{ org, server: id }}>
          {text}
        </PageLink>
      )
    case 'team':
      return (
        <PageLink inherit to="/$org/$team/service-accounts" params={{ org, team: name ?? id }}>
          {text}
        </PageLink>
      )
    case 'project':
      if (team === undefined) return plain
      return (
        <PageLink inherit to="/$org/$team/projects/$project" params={{ org, team, project: id }}>
          {text}
        </PageLink>
      )
    case 'trust_policy': {
      const account = event.detail.service_account
      if (team === undefined || typeof account !== 'string') return plain
      return (
        <PageLink
          inherit
          to="/$org/$team/service-accounts/$account/policies/$policy"
          params={{ org, team, account, policy: id }}
        >
          {text}
        </PageLink>
      )
    }
    case 'organization':
      return (
        <PageLink inherit to="/$org" params={{ org }}>
          {text}
        </PageLink>
      )
    default:
      return plain
  }
}

export function Sentence({ org, event, parts }: { org: string; event: AuditEvent; parts: readonly Part[] }) {
  return (
    <span>
      {parts.map((part, index) =>
        typeof part === 'string' ? (
          part
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: a sentence does not move
          <MentionLink key={index} org={org} event={event} mention={part} />
        ),
      )}
    </span>
  )
}
