import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../temporary-directory.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** A kubeconfig that leads to the API server through a wire we can cut. */
export async function startProxied({
  kubeconfig,
  server,
}: {
  readonly kubeconfig: string;
  readonly server: string;
}): Promise<{ readonly proxy: TcpProxy; readonly kubeconfig: string }> {
  const proxy = await startTcpProxy(server);
  const text = readFileSync(kubeconfig, 'utf8').replaceAll(
    server,
    `https://127.0.0.1:${proxy.port}`,
  );
  const file = join(temporaryDirectory(), 'kubeconfig');
  writeFileSync(file, text, { mode: 0o600 });
  return { proxy, kubeconfig: file };
}
