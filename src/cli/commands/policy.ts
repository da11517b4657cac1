import type { PolicyFlags } from '../policy-flags.ts';
import type { CommandGroup } from './command-group.ts';
import { outputOption } from './flags.ts';

export function addPolicy({ program, io, end }: CommandGroup): void {
  const policy = program
    .command('policy')
    .helpCommand(false)
    .summary('show the rules')
    .description('Shows what the rules require of objects, and why.');
  policy
    .command('list')
    .summary('list every rule')
    .description('Lists every rule with its scope, its default action and what it requires.')
    .addOption(outputOption())
    .addHelpText('after', '\nExample:\n  bucketwarden policy list')
    .action(async (flags: PolicyFlags) => {
      const { listRules } = await import('../policy-list.ts');
      end(listRules(flags, io));
    });
  policy
    .command('explain')
    .summary('explain one rule')
    .description('Explains one rule: its reason, its fix, what it applies to, and examples.')
    .argument('<rule>', 'id of the rule, shown in brackets in every message')
    .addOption(outputOption())
    .addHelpText('after', '\nExample:\n  bucketwarden policy explain bucket-outside-tenant')
    .action(async (id: string, flags: PolicyFlags) => {
      const { explainRule } = await import('../policy-explain.ts');
      end(explainRule(id, { flags, io }));
    });
}
