import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { fillDirectory, type DirectoryEntry } from '../certs/certificate-directory.ts';
import { checkDirectory } from '../certs/check-directory.ts';
import { defaultServingNames } from '../certs/issue.ts';
import { expiryOf } from '../certs/pem.ts';
import { UsageError } from '../errors.ts';
import { connectCluster } from '../kube/connect.ts';
import type { Cluster } from '../kube/cluster.ts';
import { installCertificates } from '../kube/install-certificates.ts';
import { readInstalled } from '../kube/read-installed.ts';
import type { ExitCode, Io } from './io.ts';
import { renderColumns } from './output/columns.ts';
import { requireNode } from './require-node.ts';

/** Flags of `certs`. */
export interface CertsFlags {
  readonly dir: string;
  readonly dns?: readonly string[];
  readonly rotate?: boolean;
  readonly install?: boolean;
  readonly replace?: boolean;
  readonly kubeconfig?: string;
  readonly namespace: string;
}

/** Makes or rotates the files of a certificate directory, installs them perhaps, and says what it did. */
export async function makeCertificates(
  flags: CertsFlags,
  io: Io,
  connect: typeof connectCluster = connectCluster,
): Promise<ExitCode> {
  const cluster = await clusterFor(flags, { io, connect });
  const now = io.now();
  const entries = await fillDirectory({
    directory: resolve(io.directory, flags.dir),
    dnsNames: flags.dns ?? defaultServingNames,
    isRotating: flags.rotate === true,
    now,
    ...(cluster !== undefined &&
      flags.replace !== true && { installed: await readInstalled(cluster, flags.namespace) }),
  });
  const rows = entries.map((entry) => [
    entry.state,
    join(flags.dir, entry.name),
    expiryText(entry, now),
  ]);
  io.stdout.write(renderColumns(rows));
  const missing = missingNames(entries, flags.dns ?? []);
  for (const name of missing) {
    io.stderr.write(
      `bucketwarden: the existing certificate is not for "${name}"; replace it with --rotate\n`,
    );
  }
  if (missing.length > 0) return 2;
  if (cluster !== undefined) await install(cluster, { flags, io });
  return 0;
}

/** The cluster to install in; undefined without --install. */
async function clusterFor(
  { install: isInstalling, replace, kubeconfig }: CertsFlags,
  { io, connect }: { readonly io: Io; readonly connect: typeof connectCluster },
): Promise<Cluster | undefined> {
  if (isInstalling === true) {
    requireNode('certs --install');
    return connect(kubeconfig === undefined ? undefined : resolve(io.directory, kubeconfig));
  }
  if (kubeconfig !== undefined) throw new UsageError('--kubeconfig is for --install');
  if (replace === true) throw new UsageError('--replace is for --install');
  return undefined;
}

/** Puts the files of the directory into a cluster and says what was written there. */
async function install(
  cluster: Cluster,
  { flags: { dir, namespace }, io }: { readonly flags: CertsFlags; readonly io: Io },
): Promise<void> {
  const directory = resolve(io.directory, dir);
  const read = (name: string): Promise<string> => readFile(join(directory, name), 'utf8');
  const texts = {
    caBundle: await read('ca.crt'),
    certificate: await read('tls.crt'),
    privateKey: await read('tls.key'),
    signingKeys: await read('signing-keys.json'),
  };
  checkDirectory(texts, dir, io.now());
  for (const written of await installCertificates(cluster, texts, namespace)) {
    io.stdout.write(`installed ${written}\n`);
  }
}

function expiryText({ certificate }: DirectoryEntry, now: Date): string {
  if (certificate === undefined) return '';
  const expiry = expiryOf(certificate);
  const day = expiry.toISOString().slice(0, 10);
  return expiry > now ? `expires ${day}` : `expired ${day}; replace it with --rotate`;
}

/** Requested names that an existing serving certificate does not cover. */
function missingNames(
  entries: readonly DirectoryEntry[],
  names: readonly string[],
): readonly string[] {
  const serving = entries.find(({ name }) => name === 'tls.crt')?.certificate;
  if (serving === undefined) return [];
  return names.filter((name) =>
    isIP(name) === 0 ? serving.checkHost(name) === undefined : serving.checkIP(name) === undefined,
  );
}
