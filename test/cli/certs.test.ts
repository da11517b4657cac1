import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/command.ts';
import { collectIo } from './collect-io.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bucketwarden-certs-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

async function certs(...argv: readonly string[]): Promise<{
  code: number;
  stdout: string;
  stderr: string;
}> {
  const { io, printed } = collectIo({ directory });
  const code = await run(['certs', ...argv], io);
  return { code, stdout: printed()['stdout.txt'], stderr: printed()['stderr.txt'] };
}

function contents(): Record<string, string> {
  const folder = join(directory, 'certs');
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
}

const made = `made  certs/ca.crt             expires 2036-11-28
made  certs/ca.key
made  certs/tls.key
made  certs/tls.crt            expires 2027-12-01
made  certs/signing-keys.json
`;

describe('certs', () => {
  it('makes everything that is missing', async () => {
    expect(await certs()).toEqual({ code: 0, stdout: made, stderr: '' });
  });

  it('lets only the owner read keys', async () => {
    await certs();
    const modes = Object.fromEntries(
      Object.keys(contents()).map((name) => [
        name,
        statSync(join(directory, 'certs', name)).mode & 0o777,
      ]),
    );
    expect(modes).toEqual({
      'ca.crt': 0o644,
      'ca.key': 0o600,
      'signing-keys.json': 0o600,
      'tls.crt': 0o644,
      'tls.key': 0o600,
    });
    expect(statSync(join(directory, 'certs')).mode & 0o777).toBe(0o700);
  });

  it('keeps what is there', async () => {
    await certs();
    const before = contents();
    expect(await certs()).toEqual({
      code: 0,
      stdout: made.replaceAll('made', 'kept'),
      stderr: '',
    });
    expect(contents()).toEqual(before);
  });

  it('signs a new serving certificate with the authority that is there', async () => {
    await certs();
    const before = contents();
    rmSync(join(directory, 'certs/tls.key'));
    expect((await certs()).stdout).toBe(
      made.replace('made  certs/ca.crt', 'kept  certs/ca.crt')
        .replace('made  certs/ca.key', 'kept  certs/ca.key')
        .replace('made  certs/signing', 'kept  certs/signing'),
    );
    expect(contents()['ca.crt']).toBe(before['ca.crt']);
    expect(contents()['tls.crt']).not.toBe(before['tls.crt']);
  });

  it('says when the existing certificate lacks a requested name', async () => {
    await certs('--dns', 'bucketwarden.security.svc', '10.0.0.7');
    const { code, stderr } = await certs(
      '--dns',
      'bucketwarden.security.svc',
      'other.example.com',
      '10.0.0.7',
      '10.0.0.8',
    );
    expect(code).toBe(2);
    expect(stderr).toBe(
      'bucketwarden: the existing certificate is not for "other.example.com"; replace it with --rotate\n' +
        'bucketwarden: the existing certificate is not for "10.0.0.8"; replace it with --rotate\n',
    );
  });

  it('refuses to guess when the key of the authority is gone', async () => {
    await certs();
    rmSync(join(directory, 'certs/ca.key'));
    rmSync(join(directory, 'certs/tls.crt'));
    expect(await certs()).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'bucketwarden: missing ca.key: the serving certificate cannot be signed with ca.crt alone; ' +
        'put it back, or make a new authority with --rotate\n',
    });
    expect((await certs('--rotate')).code).toBe(0);
  });

  it('refuses keys that are none, and leaves the files as they are', async () => {
    await certs();
    writeFileSync(join(directory, 'certs/signing-keys.json'), 'secret');
    const before = contents();
    expect(await certs('--rotate')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'bucketwarden: signing-keys.json: not JSON\n',
    });
    expect(contents()).toEqual(before);
  });

  it('makes the directory alone, not the directories above it', async () => {
    expect((await certs('--dir', 'a/b')).stderr).toMatch(
      /^bucketwarden: (.*)\/a\/b cannot be made: there is no directory \1\/a\n$/,
    );
    expect(await certs('--dir', '/proc/x')).toEqual({
      code: 2,
      stdout: '',
      stderr:
        "bucketwarden: /proc/x cannot be made: ENOENT: no such file or directory, mkdir '/proc/x'\n",
    });
  });

  it('says what is wrong when the directory cannot be made', async () => {
    writeFileSync(join(directory, 'file'), '');
    const { code, stderr } = await certs('--dir', 'file/certs');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^bucketwarden: .*\/file\/certs is not a directory, or lies below a file\n$/);
  });
});
