import type { PolicyFlags } from '../policy-flags.ts';
import type { CommandGroup } from './command-group.ts';
import { outputOption } from './flags.ts';

export function addPolicy({ program, io, end }: CommandGroup): void {
  const policy = program
    .command('policy')
    .helpCommand(false)
    .summary('what is required, and why')
    .description('Tells what is required of objects, and why.');
  policy
    .command('list')
    .summary('every rule in one line')
    .description('Lists every rule with its scope, its default action and what it requires.')
    .addOption(outputOption())
    .addHelpText('after', '\nExample:\n  bucketwarden policy list')
    .action(async (flags: PolicyFlags) => {
      const { listRules } = await import('../policy-list.ts');
      end(listRules(flags, io));
    });
  policy
    .command('explain')
    .summary('one rule in full')
    .description('Tells everything about one rule: why, what to do, whom it binds, examples.')
    .argument('<rule>', 'id of the rule, as it stands in brackets in every message')
    .addOption(outputOption())
    .addHelpText('after', '\nExample:\n  bucketwarden policy explain bucket-outside-tenant')
    .action(async (id: string, flags: PolicyFlags) => {
      const { explainRule } = await import('../policy-explain.ts');
      end(explainRule(id, { flags, io }));
    });
}
