import type { CheckFlags } from '../check.ts';
import type { CommandGroup } from './command-group.ts';
import { configOption, outputOption, tenantsOption } from './flags.ts';

export function addCheck({ program, io, end }: CommandGroup): void {
  program
    .command('check')
    .summary('judge manifests as the webhook would, without a cluster')
    .description(
      'Judges manifests as the webhook would, without a cluster: every object is completed first\n' +
        '(identity, exportTo), then judged. Reads YAML and JSON, several documents, and lists.',
    )
    .argument(
      '<path...>',
      'files, directories (.yaml, .yml and .json in them; hidden and node_modules skipped), or - for stdin',
    )
    .addOption(tenantsOption())
    .addOption(configOption())
    .option('-n, --namespace <name>', 'namespace of objects that name none', 'default')
    .addOption(outputOption())
    .option('--show-patch', 'also print what the webhook would change')
    .addHelpText('after', help)
    .action(async (paths: readonly string[], flags: CheckFlags, { parent }: typeof program) => {
      const { check } = await import('../check.ts');
      const color = parent?.opts<{ color: boolean }>().color !== false;
      end(await check(paths, { flags: { ...flags, color }, io }));
    });
}

const help = `
Examples:
  A directory, recursively:
    bucketwarden check deploy/ --tenants tenants.yaml
  What a chart renders, for one namespace:
    helm template payments | bucketwarden check - -n payments --tenants tenants.yaml
  For a program, with the changes:
    bucketwarden check pod.yaml --tenants tenants.yaml -o json --show-patch

The signature of an attestation is neither made nor verified here, only what it states.
"skipped" counts objects that nobody judges: other kinds, exempt and platform namespaces.
Objects are not checked against the schema of their kind; the API server does that.

Exit codes: 0 nothing denied (warnings are), 1 denied, 2 some input could not be read.`;
