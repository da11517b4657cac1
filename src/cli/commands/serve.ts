import { InvalidArgumentError } from 'commander';
import { serverDefaults } from '../../limits.ts';
import type { ServeOptions } from '../../server/serve.ts';
import { requireNode } from '../require-node.ts';
import type { CommandGroup } from './command-group.ts';
import { configOption, tenantsOption } from './flags.ts';

export function addServe({ program, end }: CommandGroup): void {
  program
    .command('serve')
    .summary('answer admission reviews over HTTPS')
    .description(
      'Answers admission reviews over HTTPS until SIGTERM, then finishes what is running.\n' +
        'Certificate, tenants, config and keys are read again when their files change. Without\n' +
        '--tenants, StorageTenants are read from the cluster, and their status is kept up to date.',
    )
    .option('--port <number>', 'port of the webhook', parsePort, serverDefaults.port)
    .option(
      '--metrics-port <number>',
      'port of /metrics, /healthz and /readyz, plain HTTP',
      parsePort,
      serverDefaults.metricsPort,
    )
    .option('--host <address>', 'address to listen on (default: every address)')
    .option('--tls-cert <file>', 'serving certificate, PEM (default: makes its own)')
    .option('--tls-key <file>', 'its private key, PEM')
    .option('--client-ca <file>', 'answer only clients with a certificate of this authority')
    .option(
      '--client-name <name...>',
      'and with one of these common or alternative names (default: any name)',
    )
    .addOption(tenantsOption())
    .option(
      '--kubeconfig <file>',
      "the cluster to read StorageTenants from (default: the pod's own, or $KUBECONFIG)",
    )
    .addOption(configOption())
    .option('--signing-keys <file>', 'private JWK Set for attestations (default: a key of its own)')
    .addHelpText('after', help)
    .action(async (flags: ServeOptions) => {
      requireNode('serve');
      const { serveUntilStopped } = await import('../serve.ts');
      end(await serveUntilStopped(flags));
    });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new InvalidArgumentError('Must be a number from 0 to 65535.');
  }
  return port;
}

const help = `
Examples:
  Try it with a certificate that it makes itself:
    bucketwarden serve --tenants examples/tenants.yaml
  With the StorageTenants of a cluster, as in manifests/base:
    bucketwarden serve --kubeconfig ~/.kube/config
  With the files that "bucketwarden certs --dir certs" made:
    bucketwarden serve --tenants tenants/ --config config.yaml \\
      --tls-cert certs/tls.crt --tls-key certs/tls.key --signing-keys certs/signing-keys.json

Exit codes: 0 drained after SIGTERM, 2 could not start.`;
