import type { Command } from 'commander'

/** Of every command that exchanges. What is left out comes from the environment, as everywhere in @countersign/client. */
export type JobOptions = {
  serviceAccount?: string
  source?: string
  tokenFile?: string
  scope?: string
  audience?: string
  target?: string
  ttl?: string
  timeout?: string
  cache?: boolean
}

export const withJobOptions = (command: Command): Command =>
  withSourceOptions(command)
    .option('--sa, --service-account <account>', 'whom to become: team/name, or an id (COUNTERSIGN_SERVICE_ACCOUNT)')
    .option('--scope <words>', 'projects:read, projects:write (COUNTERSIGN_SCOPE; else all that the account may)')
    .option('--target <uri>', 'the API that the access token is for (COUNTERSIGN_TARGET; else the service itself)')
    .option('--ttl <seconds>', 'how long the access token may live; the service may give less')
    .option('--timeout <seconds>', 'how long to try while nobody answers (else 60, at a terminal 10)')

/** Where the subject token comes from. */
export const withSourceOptions = (command: Command): Command =>
  command
    .option('--source <name>', 'where the identity comes from (COUNTERSIGN_SOURCE; else where this job runs)')
    .option('--token-file <file>', 'the identity token, in a file (COUNTERSIGN_IDENTITY_TOKEN_FILE)')
    .option('--audience <uri>', 'whom the identity token is for (COUNTERSIGN_AUDIENCE; else the organization’s URL)')

export const withCacheOption = (command: Command): Command =>
  command.option('--cache', 'keep the access token for the next call, in a file that is yours alone')
