import { installation } from '../../names.ts';
import type { CertsFlags } from '../certs.ts';
import type { CommandGroup } from './command-group.ts';

export function addCerts({ program, io, end }: CommandGroup): void {
  program
    .command('certs')
    .summary('make or rotate authority, serving certificate and signing keys')
    .description(
      'Makes what is missing in a directory: authority (ca.crt, ca.key), serving certificate\n' +
        '(tls.crt, tls.key) and the keys for attestations (signing-keys.json). Keeps what is there.',
    )
    .option('--dir <directory>', 'where the files are', 'certs')
    .option(
      '--dns <name...>',
      'names and addresses of the server (default: its Service, localhost)',
    )
    .option('--rotate', 'replace everything, with overlap: the old authority and keys stay valid')
    .option('--install', 'put them into a cluster: the Secrets and every caBundle of ours')
    .option('--kubeconfig <file>', 'that cluster (default: $KUBECONFIG, or ~/.kube/config)')
    .option('--namespace <name>', 'where Bucketwarden runs in it', installation.namespace)
    .addHelpText('after', help)
    .action(async (flags: CertsFlags) => {
      const { makeCertificates } = await import('../certs.ts');
      end(await makeCertificates(flags, io));
    });
}

const help = `
After --rotate, ca.crt holds the new authority and the one before it. Give it to the clients
(caBundle) first and tls.crt to the server afterwards, and no request fails in between.
--install does it in this order.

Examples:
  bucketwarden certs --dir certs
  bucketwarden certs --dir certs --dns bucketwarden.security.svc localhost
  bucketwarden certs --dir certs --rotate
  bucketwarden certs --dir certs --install --kubeconfig ~/.kube/config

Exit codes: 0 done, 2 could not read or write, or not reach the cluster.`;
