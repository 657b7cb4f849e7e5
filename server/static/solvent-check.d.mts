/**
 * The check as a module for programs: asks a service for one row, and checks it on the computer that asks.
 *
 * The service learns which row is asked for, and nothing else: neither the account id nor the account key is sent.
 */
/** What is asked. */
export interface Question {
    /** Where the service is: "https://proof.exchange.example". */
    readonly site: string;
    /** The account id as the exchange writes it. */
    readonly accountId: string;
    /** The account key, "slv_k_...". It opens the row on this computer. */
    readonly accountKey: string;
    /** The exchange's public key, 64 hex digits, from a place that the service does not control. */
    readonly exchangeKey: string;
    /** The number of a book; without it the newest. */
    readonly epoch?: number;
    /** Your own record, name of the balance to exact decimals: without it, compare the balances yourself. */
    readonly holdings?: Readonly<Record<string, string>>;
}
/** One balance of the row, in exact decimals. */
export interface Holding {
    readonly name: string;
    readonly asset: string;
    /** "balance", "debt", ...: whether it is owed to you or by you. */
    readonly kind: string;
    readonly amount: string;
}
/** The row is in the signed book. Times are POSIX seconds. */
export interface Verified {
    readonly verdict: "verified";
    readonly exchange: string;
    readonly epoch: number;
    /** SHA-256 of what was signed, hex: compare it with what others were shown. */
    readonly digest: string;
    readonly takenAt: number;
    readonly expiresAt: number;
    readonly balances: readonly Holding[];
    /** Whether the balances were compared with `holdings`. */
    readonly compared: boolean;
}
/** "failed": something signed is wrong. "unchecked": nothing was decided. `code` is a stable name. */
export interface Refused {
    readonly verdict: "failed" | "unchecked";
    readonly code: string;
    readonly message: string;
    readonly where: string;
}
/** Check one row. Never rejects. */
export declare function check(question: Question): Promise<Verified | Refused>;
