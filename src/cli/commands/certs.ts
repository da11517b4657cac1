import { installation } from '../../names.ts';
import type { CertsFlags } from '../certs.ts';
import type { CommandGroup } from './command-group.ts';

export function addCerts({ program, io, end }: CommandGroup): void {
  program
    .command('certs')
    .summary('make or rotate authority, serving certificate and signing keys')
    .description(
      'Makes what is missing in a directory: authority (ca.crt, ca.key), serving certificate\n' +
        '(tls.crt, tls.key) and the keys for attestations (signing-keys.json). Existing files are kept.',
    )
    .option('--dir <directory>', 'where the files are', 'certs')
    .option(
      '--dns <name...>',
      'names and addresses of the server (default: its Service, localhost)',
    )
    .option('--rotate', 'replace everything, with overlap: the old authority and keys stay valid')
    .option('--install', 'put them into a cluster: its Secrets and every caBundle')
    .option('--replace', 'with --install: replace what the cluster has, whatever it is')
    .option(
      '--kubeconfig <file>',
      'kubeconfig of that cluster (default: $KUBECONFIG, ~/.kube/config)',
    )
    .option('--namespace <name>', 'namespace of Bucketwarden in it', installation.namespace)
    .addHelpText('after', help)
    .action(async (flags: CertsFlags) => {
      const { makeCertificates } = await import('../certs.ts');
      end(await makeCertificates(flags, io));
    });
}

const help = `
--install continues from the cluster: certificates and keys that the directory lacks are taken from
the cluster's Secrets. Files that belong to another installation are refused, because they would
replace an authority and keys that are in use. The key of the authority (ca.key) is never in a
cluster; where it is missing, --rotate makes a new authority.

After --rotate, ca.crt contains the new authority and the previous one. --install gives it to the
API server (caBundle) first and tls.crt to the server afterwards, so no request fails in between.

Examples:
  bucketwarden certs --dir certs
  bucketwarden certs --dir certs --dns bucketwarden.security.svc localhost
  bucketwarden certs --dir certs --rotate
  bucketwarden certs --dir certs --install --kubeconfig ~/.kube/config

Exit codes: 0 done, 2 could not read or write, or not reach the cluster.`;
