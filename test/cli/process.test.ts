import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { casesDirectory } from './golden-case.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const tenants = ['--tenants', '../../../examples/tenants.yaml'];

interface Run {
  readonly in: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

function bucketwarden(
  argv: readonly string[],
  { in: name, stdin = '', env = {} }: Run,
): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...argv], {
    cwd: join(casesDirectory, name),
    input: stdin,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

function golden(name: string, file: string): string {
  return readFileSync(join(casesDirectory, name, file), 'utf8');
}

describe('the real process', () => {
  it('reads manifests from a pipe and ends with 1 on a denial', () => {
    const stdin = golden('check-stdin', 'rendered.yaml');
    const found = bucketwarden(['check', '-', '-n', 'payments', ...tenants], {
      in: 'check-stdin',
      stdin,
    });
    expect(found).toEqual({ status: 1, stdout: golden('check-stdin', 'stdout.txt'), stderr: '' });
  });

  it('ends with 0 when only warnings are found', () => {
    const found = bucketwarden(['check', 'pod.yaml', '--config', 'config.yaml', ...tenants], {
      in: 'check-warn-only',
    });
    expect(found).toEqual({
      status: 0,
      stdout: golden('check-warn-only', 'stdout.txt'),
      stderr: '',
    });
  });

  it('ends with 2 on broken input, whatever else it found', () => {
    const argv = ['check', 'broken.yaml', 'objects.yaml', 'missing.yaml', ...tenants];
    const found = bucketwarden(argv, { in: 'check-broken-beside-good' });
    expect(found).toEqual({
      status: 2,
      stdout: golden('check-broken-beside-good', 'stdout.txt'),
      stderr: golden('check-broken-beside-good', 'stderr.txt'),
    });
  });

  it('takes flags from the environment, but not the variables Kubernetes makes for a Service', () => {
    const found = bucketwarden(['check', 'pod.yaml', '--config', 'config.yaml'], {
      in: 'check-warn-only',
      env: {
        BUCKETWARDEN_TENANTS: '../../../examples/tenants.yaml',
        BUCKETWARDEN_OUTPUT: 'tcp://10.96.0.7:443',
      },
    });
    expect(found.stderr).toBe('');
    expect(found.status).toBe(0);
  });

  it('prints its version', () => {
    const { version } = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    ) as { version: string };
    expect(bucketwarden(['--version'], { in: 'check-text' }).stdout).toBe(`${version}\n`);
  });

  it('serves until SIGTERM and ends with 0', async () => {
    const argv = ['serve', '--port', '0', '--metrics-port', '0', '--host', '127.0.0.1', ...tenants];
    const server = spawn(process.execPath, [main, ...argv], {
      cwd: join(casesDirectory, 'check-text'),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exit = once(server, 'exit');
    let log = '';
    let isTold = false;
    for await (const chunk of server.stdout) {
      log += String(chunk);
      // Once: a signal that comes after the last line meets a process that no longer listens for it.
      if (!isTold && log.includes('"listening"')) isTold = server.kill('SIGTERM');
    }
    await exit;
    expect(log).toContain('"listening"');
    expect(server.exitCode).toBe(0);
  });

  it('does not serve tenants that cannot be read, and says which', () => {
    const argv = ['serve', '--port', '0', '--metrics-port', '0', '--tenants', 'tenants.yaml'];
    const { status, stderr } = bucketwarden(argv, { in: 'check-invalid-tenants' });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^tenants\.yaml:5:26: spec\.namespaces\[1\]: "Payments" must be /);
  });
});
