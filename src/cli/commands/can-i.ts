import { Argument } from 'commander';
import { UsageError } from '../../errors.ts';
import type { CanIFlags, Verb } from '../can-i.ts';
import type { CommandGroup } from './command-group.ts';
import { configOption, outputOption, tenantsOption } from './flags.ts';

const verbs: readonly Verb[] = ['get', 'list', 'put', 'delete'];

export function addCanI({ program, io, end }: CommandGroup): void {
  program
    .command('can-i')
    .summary('check whether an account may use a bucket or object')
    .description(
      'Says whether a service account may use a bucket or an object, and which grant allows it.\n' +
        '"get" and "list" need ReadOnly, "put" and "delete" WriteOnly; ReadWrite includes both.',
    )
    .addArgument(new Argument('<verb>', 'what to do (choices: "get", "list", "put", "delete")'))
    .argument('<uri>', 's3://bucket, s3://bucket/key, or for "list" s3://bucket/prefix')
    .option('-n, --namespace <name>', 'namespace of the account')
    .option('--service-account <name>', 'name of the account', 'default')
    .addOption(tenantsOption())
    .addOption(configOption())
    .addOption(outputOption())
    .addHelpText('after', help)
    .action(async (word: string, uri: string, flags: CanIFlags) => {
      const verb = parseVerb(word);
      const { canI } = await import('../can-i.ts');
      end(await canI({ verb, uri }, { flags, io }));
    });
}

function parseVerb(word: string): Verb {
  const verb = verbs.find((one) => one === word);
  if (verb !== undefined) return verb;
  throw new UsageError(`verb "${word}" is not known; choose get, list, put or delete`);
}

const help = `
Example:
  bucketwarden can-i -n payments --service-account ledger-writer \\
    put s3://payments-ledger/2027/01.csv --tenants tenants.yaml

Exit codes: 0 yes, 1 no, 2 could not run.`;
