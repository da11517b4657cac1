import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { namesInCertificate } from '../../certs/certificate-names.ts';

/** Who is at the other end of a connection, as far as TLS knows. */
export interface Caller {
  /** The common name of its certificate, or else its first alternative name; undefined without one. */
  readonly name: string | undefined;
  /** False when it has a certificate of the right authority, but not one of the required names. */
  readonly isAccepted: boolean;
}

export type Identify = (socket: Socket) => Caller;

const anonymous: Caller = { name: undefined, isAccepted: true };

/**
 * Reads the names of client certificates, once per connection. TLS has verified them by then; a server
 * without a client authority asks for none, and everybody is anonymous.
 * @param accepted empty: every certificate of the authority is accepted
 */
export function createIdentify(accepted: readonly string[] = []): Identify {
  const known = new WeakMap<Socket, Caller>();
  return (socket) => {
    if (!(socket instanceof TLSSocket) || !socket.authorized) return anonymous;
    const seen = known.get(socket);
    if (seen !== undefined) return seen;
    const caller = callerOf(socket, accepted);
    known.set(socket, caller);
    return caller;
  };
}

function callerOf(socket: TLSSocket, accepted: readonly string[]): Caller {
  // A resumed session may come without the certificate it was begun with.
  const raw = socket.getPeerX509Certificate()?.raw;
  const names = raw === undefined ? [] : namesInCertificate(raw);
  return {
    name: names[0] ?? '',
    isAccepted: accepted.length === 0 || names.some((name) => accepted.includes(name)),
  };
}
