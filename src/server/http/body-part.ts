import { OverloadedError } from './failures.ts';

/** What one address has in flight. */
interface Holder {
  bytes: number;
  readonly shares: Set<BodyShare>;
}

/**
 * One part of the budget for bodies in flight. When there is no room, the address that holds most gives way, so
 * that a caller that sends little is never kept out by others.
 */
export class BodyPart {
  readonly #total: number;
  readonly #holders = new Map<string, Holder>();
  #used = 0;

  constructor(total: number) {
    this.#total = total;
  }

  /** Bytes in flight. */
  get used(): number {
    return this.#used;
  }

  /** What one request takes of it. */
  open(address: string): BodyShare {
    return new BodyShare(this, address);
  }

  /** True when this address could have so many bytes more, if need be at the expense of another. */
  hasRoom(address: string, bytes: number): boolean {
    const missing = this.#used + bytes - this.#total;
    if (missing <= 0) return true;
    const { holder } = this.#greediest();
    return bytes <= this.#total && holder.bytes > this.#bytesOf(address) + bytes;
  }

  /** @throws OverloadedError when no address holds more than this one would */
  take(share: BodyShare, bytes: number): void {
    while (this.#used + bytes > this.#total) {
      if (!this.hasRoom(share.address, bytes)) throw new OverloadedError();
      const largest = largestOf(this.#greediest().holder.shares);
      if (largest === undefined) throw new OverloadedError();
      largest.lose();
    }
    const holder = this.#holderOf(share.address);
    holder.shares.add(share);
    holder.bytes += bytes;
    this.#used += bytes;
  }

  give(share: BodyShare, bytes: number): void {
    const holder = this.#holders.get(share.address);
    if (holder === undefined) return;
    holder.shares.delete(share);
    holder.bytes -= bytes;
    this.#used -= bytes;
    if (holder.shares.size === 0) this.#holders.delete(share.address);
  }

  #bytesOf(address: string): number {
    return this.#holders.get(address)?.bytes ?? 0;
  }

  #holderOf(address: string): Holder {
    const known = this.#holders.get(address);
    if (known !== undefined) return known;
    const holder = { bytes: 0, shares: new Set<BodyShare>() };
    this.#holders.set(address, holder);
    return holder;
  }

  #greediest(): { readonly holder: Holder } {
    let greediest: Holder = { bytes: 0, shares: new Set() };
    for (const holder of this.#holders.values()) {
      if (holder.bytes > greediest.bytes && largestOf(holder.shares)) greediest = holder;
    }
    return { holder: greediest };
  }
}

/** The bytes that one request holds. */
export class BodyShare {
  readonly address: string;
  readonly #part: BodyPart;
  #bytes = 0;
  #onLoss: (() => void) | undefined;

  constructor(part: BodyPart, address: string) {
    this.#part = part;
    this.address = address;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** True while its body is still arriving: only then can it be taken away. */
  get canBeLost(): boolean {
    return this.#onLoss !== undefined;
  }

  /** Refuses a body by its announced length. @throws OverloadedError */
  announce(bytes: number): void {
    if (!this.#part.hasRoom(this.address, bytes)) throw new OverloadedError();
  }

  /** From now until `keep` the share may be taken away for another address; `onLoss` is called then. */
  beginReading(onLoss: () => void): void {
    this.#onLoss = onLoss;
  }

  /** @throws OverloadedError */
  take(bytes: number): void {
    this.#part.take(this, bytes);
    this.#bytes += bytes;
  }

  /** The body is complete: it is held until `release`. */
  keep(): void {
    this.#onLoss = undefined;
  }

  lose(): void {
    const onLoss = this.#onLoss;
    this.release();
    onLoss?.();
  }

  release(): void {
    this.#onLoss = undefined;
    if (this.#bytes > 0) this.#part.give(this, this.#bytes);
    this.#bytes = 0;
  }
}

function largestOf(shares: ReadonlySet<BodyShare>): BodyShare | undefined {
  let largest: BodyShare | undefined;
  for (const share of shares) {
    if (share.canBeLost && share.bytes > (largest?.bytes ?? 0)) largest = share;
  }
  return largest;
}
