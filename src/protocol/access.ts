/** The words of access evaluation: what may be asked, and every reason of an answer. */

/** `write` includes `read`. */
export const actions = ['read', 'write'] as const
export type Action = (typeof actions)[number]

/** Why a question is answered with yes. */
export const grounds = [
  'organization_account',
  'team_account',
  'team_member',
  'open_project',
  'public_project',
  'project_role',
] as const
export type Ground = (typeof grounds)[number]

/** Why it is answered with no. */
export const objections = [
  'account_disabled',
  'project_deleted',
  'other_team',
  'not_a_team_member',
  'not_a_project_member',
  'public_read_only',
  'team_viewer',
  'project_viewer',
  'access_read_only',
  'organization_viewer',
  'scope_insufficient',
] as const
export type Objection = (typeof objections)[number]

/** Why a question has no answer but no: it is about nobody, or nothing, that is here. */
export const misfits = [
  'subject_type_unknown',
  'subject_unknown',
  'token_inactive',
  'possession_unproven',
  'audience_not_accepted',
  'action_unknown',
  'resource_type_unknown',
  'project_malformed',
  'team_unknown',
  'team_not_named',
  'request_malformed',
] as const
export type Misfit = (typeof misfits)[number]

/** Why nobody gets the credit for what a service account does, though somebody was named. */
export const attributionFaults = [
  'attribution_malformed',
  'principal_is_user',
  'username_and_email_differ',
  'user_unknown',
  'not_a_team_member',
] as const
export type AttributionFault = (typeof attributionFaults)[number]
