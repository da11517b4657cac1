import { Option } from 'commander';

/** Flags that several commands share. */

export function tenantsOption(): Option {
  return new Option(
    '--tenants <path>',
    'file or directory with StorageTenants (repeatable)',
  ).argParser(collect);
}

export function configOption(): Option {
  return new Option(
    '--config <file>',
    'file with the BucketwardenConfig (default: the defaults of all fields)',
  );
}

export function outputOption(): Option {
  return new Option('-o, --output <format>', 'output format')
    .choices(['text', 'json'])
    .default('text');
}

/** Collects a flag that may be given several times. */
function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}
