import type { Fill } from '../commands.ts'

export const audit: Fill = (noun, act) => {
  noun.description('the audit trail')
  noun
    .command('verify')
    .description('check every chain of the trail, on a live database too; names the first break')
    .action(act(async () => (await import('../audit-verify.ts')).auditVerifyCommand()))
}
