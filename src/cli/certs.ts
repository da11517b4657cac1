import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { fillDirectory, type DirectoryEntry } from '../certs/certificate-directory.ts';
import { defaultServingNames } from '../certs/issue.ts';
import type { CertsFlags } from './commands/certs.ts';
import type { ExitCode, Io } from './io.ts';
import { renderColumns } from './output/columns.ts';

/** Makes or rotates the files of a certificate directory and says what it did. */
export async function makeCertificates(flags: CertsFlags, io: Io): Promise<ExitCode> {
  const now = io.now();
  const entries = await fillDirectory({
    directory: resolve(io.directory, flags.dir),
    dnsNames: flags.dns ?? defaultServingNames,
    isRotating: flags.rotate === true,
    now,
  });
  const rows = entries.map((entry) => [
    entry.state,
    join(flags.dir, entry.name),
    expiryText(entry, now),
  ]);
  io.stdout.write(renderColumns(rows));
  for (const name of missingNames(entries, flags.dns ?? [])) {
    io.stderr.write(
      `bucketwarden: the certificate that is there is not for "${name}"; replace it with --rotate\n`,
    );
  }
  return 0;
}

function expiryText({ certificate }: DirectoryEntry, now: Date): string {
  if (certificate === undefined) return '';
  const day = certificate.validToDate.toISOString().slice(0, 10);
  return certificate.validToDate > now
    ? `expires ${day}`
    : `expired ${day}; replace it with --rotate`;
}

/** Names asked for that the serving certificate, kept from before, does not cover. */
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
