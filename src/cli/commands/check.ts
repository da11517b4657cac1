import { Option } from 'commander';
import type { CheckFlags } from '../check.ts';
import type { CommandGroup } from './command-group.ts';
import { configOption, outputOption, tenantsOption } from './flags.ts';

export function addCheck({ program, io, end }: CommandGroup): void {
  program
    .command('check')
    .summary('judge manifests as the webhook would, without a cluster')
    .description(
      'Judges manifests as the webhook would, without a cluster: what it would add is added first\n' +
        '(identity, exportTo), then the object is judged. Reads YAML and JSON, several documents, lists.',
    )
    .argument(
      '<path...>',
      'files, directories (.yaml, .yml and .json files in and below them, linked directories ' +
        'included, hidden ones and node_modules not), or - for stdin',
    )
    .addOption(tenantsOption())
    .addOption(configOption())
    .option(
      '-n, --namespace <name>',
      'namespace of objects that do not name one (default: "default")',
    )
    .option(
      '--live',
      'judge objects as they are stored in a cluster: nothing is added to them first',
    )
    .addOption(outputOption())
    .addOption(
      new Option('--show-patch', 'also print what the webhook would change').conflicts('live'),
    )
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
  What runs in a cluster:
    kubectl get pods,deployments -A -o yaml | bucketwarden check - --live --tenants tenants.yaml

The signature of an attestation is neither made nor verified, only what the attestation states.
Skipped are objects of other kinds, objects in exempt and platform namespaces, and files found in a
directory that hold no manifest with a name (values.yaml, package.json, patches).
Objects are not checked against the schema of their kind; the API server does that.

Exit codes: 0 nothing denied (there may be warnings), 1 denied, 2 some input could not be read.`;
