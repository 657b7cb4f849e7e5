/** One check from beginning to end: gets the files, checks them, keeps what would be evidence. */

import { openBook, readEnvelope } from "../core/book";
import { bundleToBytes } from "../core/bundle";
import { toBase64, type Bytes } from "../core/bytes";
import { encode } from "../core/canonical";
import { bookFacts, checkBundle, checkFiles, checkRow, type Checked, type Customer, type Step } from "../core/check";
import { rejected, unavailable, type SolventError } from "../core/errors";
import type { Book } from "../core/inclusion";
import { judge, type Outcome } from "../core/outcome";
import { schemaFromBytes } from "../core/schema";
import type { ByteStream } from "../core/streams";
import { fetchDocuments, type Ahead } from "./ahead";
import { takeIn, type Intake } from "./intake";
import type { Request } from "./request";
import { Service } from "./service";
import { remember, requireSameBook, trustedKey, type OfferedKeys, type Trusted } from "./trust";

/** What the page shows while a check runs. */
export interface View {
  step(step: Step, facts: readonly string[]): Promise<void>;
  progress(name: string, done: number, total: number): Promise<void>;
}

export interface Result {
  readonly checked: Checked;
  readonly trusted: Trusted;
  /** The row as a file that stands alone, for keeping. */
  readonly copy: () => Bytes;
}

export class Session {
  private readonly files = new Map<string, Bytes>();
  private trusted: Trusted | null = null;

  /** `base` is where the service's interface is, or null for a page without a service. */
  constructor(
    private readonly request: Request,
    private readonly base: string | null,
    private readonly view: View,
    private readonly signal: AbortSignal,
    private readonly ahead: Ahead,
  ) {}

  run(): Promise<Outcome<Result>> {
    return judge(async () => {
      const checked = this.request.way === "file" ? await this.fromFiles() : await this.fromService();
      const trusted = this.known();
      requireSameBook(trusted, checked.book);
      remember(trusted, checked.row);
      return { checked, trusted, copy: () => this.copy(checked) };
    });
  }

  /** What was checked and why it failed, in one file; never the account key. */
  evidence(error: SolventError, now: Date): Bytes {
    const files = [...this.files].map(([name, data]) => [name, toBase64(data)] as const);
    return encode(
      new Map<string, Parameters<typeof encode>[0]>([
        ["type", "solvent:check-record/v1"],
        ["checked_at", Math.floor(now.getTime() / 1000)],
        ["account_id", this.request.accountId],
        ["refusal", new Map([...refusal(error)])],
        ["files", new Map(files)],
      ]),
    );
  }

  /** The key that was used, where it came to that. */
  get key(): Trusted | null {
    return this.trusted;
  }

  /** Whether the evidence holds the customer's own opened row. */
  get evidenceIsOpen(): boolean {
    return this.files.has("bundle.json");
  }

  private async fromService(): Promise<Checked> {
    if (this.base === null) throw unavailable("there is no service here", { where: "service", code: "E_NETWORK" });
    const service = new Service(this.base, this.signal);
    const wanted = this.request.epoch;
    const ready = wanted === null ? await this.ahead.take() : null;
    const { epoch, attestation, schema } = ready ?? (await fetchDocuments(service, wanted));
    const book = await this.signed(attestation, schema, () => service.keys());
    if (book.attestation.epoch !== epoch) throw otherBook(epoch, book);
    if (this.request.way === "fast") return this.fast(book, service);
    const leaves = await service.stream(epoch, "leaves.bin");
    const sealed = book.attestation.files.has("sealed.bin") ? lazily("sealed.bin", () => service.stream(epoch, "sealed.bin")) : null;
    return this.whole(book, leaves, sealed);
  }

  private async fromFiles(): Promise<Checked> {
    const intake = await takeIn(this.request.files, this.request.pasted);
    if (intake.bundle !== null) return this.bundle(intake.bundle, intake);
    const { attestation, schema, leaves, sealed } = intake;
    if (attestation === null || schema === null || leaves === null) {
      const missing = { "attestation.json": attestation, "schema.json": schema, "leaves.bin": leaves };
      const names = Object.entries(missing).filter(([, found]) => found === null).map(([name]) => name);
      throw unavailable("files are missing", { where: names.join(", "), code: "E_FILE" });
    }
    return this.whole(await this.signed(attestation, schema, null), leaves, sealed);
  }

  private async bundle(data: Bytes, { attestation, schema }: Intake): Promise<Checked> {
    this.files.set("bundle.json", data);
    this.keep("attestation.json", attestation);
    this.keep("schema.json", schema);
    const keyFor = async (envelope: ReturnType<typeof readEnvelope>): Promise<Bytes> => {
      this.trusted = await trustedKey(envelope, this.request.exchangeKey, this.offered());
      return this.trusted.key;
    };
    return checkBundle(data, this.customer, { attestation, schema }, keyFor, (...said) => this.view.step(...said));
  }

  private async signed(attestation: Bytes, schema: Bytes, offered: OfferedKeys): Promise<Book> {
    this.keep("attestation.json", attestation);
    this.keep("schema.json", schema);
    const envelope = readEnvelope(attestation);
    this.trusted = await trustedKey(envelope, this.request.exchangeKey, offered);
    const book = openBook(envelope, schemaFromBytes(schema), this.trusted.key);
    await this.view.step("signature", bookFacts(book));
    return book;
  }

  private fast(book: Book, service: Service): Promise<Checked> {
    const fetchRow = async (id: string): Promise<Bytes> => {
      const row = await service.row(book.attestation.epoch, id);
      this.keep("row.json", row);
      return row;
    };
    return checkRow(book, this.customer, this.accountKey, fetchRow, (...said) => this.view.step(...said));
  }

  private whole(book: Book, leaves: ByteStream, sealed: ByteStream | null): Promise<Checked> {
    const progress = async (name: string, done: number, total: number): Promise<void> => {
      await this.view.progress(name, done, total);
      if (this.signal.aborted) throw unavailable("stopped", { where: name, code: "E_STOPPED" });
    };
    const watch = this.view.step.bind(this.view);
    return checkFiles(book, this.customer, this.accountKey, { leaves, sealed }, progress, watch);
  }

  private get customer(): Customer {
    return this.request;
  }

  private get accountKey(): Bytes {
    const { accountKey } = this.request;
    if (accountKey === null) throw unavailable("the account key is missing", { where: "slv_k_", code: "E_FILE" });
    return accountKey;
  }

  private offered(): OfferedKeys {
    const { base } = this;
    return base === null ? null : () => new Service(base, this.signal).keys().catch(() => []);
  }

  private keep(name: string, data: Bytes | null): void {
    if (data !== null) this.files.set(name, data);
  }

  private known(): Trusted {
    if (this.trusted === null) throw unavailable("no key was used", { where: "page", code: "E_INTERNAL" });
    return this.trusted;
  }

  /** The row with both documents; a bundle that already carries them is kept as it came. */
  private copy({ row, opening, book }: Checked): Bytes {
    const [attestationFile, schemaFile] = [this.files.get("attestation.json"), this.files.get("schema.json")];
    const bundle = this.files.get("bundle.json");
    if (attestationFile !== undefined && schemaFile !== undefined) {
      const { payload, accountId } = row;
      return bundleToBytes({ payload, accountId, opening, schema: book.schema, attestationFile, schemaFile });
    }
    if (bundle === undefined) throw unavailable("nothing to keep", { where: "page", code: "E_INTERNAL" });
    return bundle;
  }
}

/** Asked for only when the first byte is read. */
function lazily(name: string, open: () => Promise<ByteStream>): ByteStream {
  return {
    name,
    size: null,
    async *read() {
      yield* (await open()).read();
    },
  };
}

function refusal(error: SolventError): readonly (readonly [string, string])[] {
  const { code, step, where, message, expected, found } = error;
  return Object.entries({ code, step, where, message, expected, found });
}

function otherBook(epoch: number, book: Book): SolventError {
  return rejected("the service gave another book than the one asked for", {
    where: "attestation.json",
    code: "E_BINDING",
    step: "5.1",
    expected: String(epoch),
    found: String(book.attestation.epoch),
  });
}
