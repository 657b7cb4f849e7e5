/**
 * What every customer needs, fetched and computed while they still type: the newest book's two documents and the
 * generators of its bits. It is the same for everybody, so it tells the service nothing about the row.
 */

import type { Bytes } from "../core/bytes";
import { bitGenerator, generator } from "../core/group";
import { schemaFromBytes } from "../core/schema";
import { drawn } from "./dom";
import { Service } from "./service";
import { localTime, utcTime } from "./texts";

const GOOD_FOR_MS = 60_000;
const MOST_BITS = 4096;
const SLICE_MS = 12;

/** The public documents of one book, as the service gave them. */
export interface Documents {
  readonly epoch: number;
  readonly attestation: Bytes;
  readonly schema: Bytes;
}

export async function fetchDocuments(service: Service, epoch: number | null): Promise<Documents> {
  const number = epoch ?? (await service.latest());
  const [attestation, schema] = await Promise.all([
    service.document(number, "attestation.json"),
    service.document(number, "schema.json"),
  ]);
  return { epoch: number, attestation, schema };
}

export class Ahead {
  private documents: Promise<Documents | null> | null = null;
  private begun = 0;
  private working = false;

  constructor(private readonly base: string | null) {}

  /** Begin, once; what goes wrong here is met again, and told, when the check itself asks. */
  begin(): void {
    if (this.base === null || this.documents !== null) return;
    this.begun = performance.now();
    this.documents = fetchDocuments(new Service(this.base, new AbortController().signal), null).catch(() => null);
    this.working = true;
    void this.documents.then((found) => (found === null ? undefined : this.derive(found))).catch(() => undefined);
  }

  /** The newest book's documents, while they are new; null where they must be asked for. Ends the work ahead. */
  async take(): Promise<Documents | null> {
    this.working = false;
    const found = performance.now() - this.begun < GOOD_FOR_MS ? await this.documents : null;
    this.documents = null;
    return found;
  }

  private async derive({ schema }: Documents): Promise<void> {
    const bits = schemaFromBytes(schema).columns.reduce((sum, column) => sum + column.bits, 0);
    generator("blind");
    for (const write of [localTime, utcTime]) write(0);
    let since = performance.now();
    for (let k = 0; k < Math.min(bits, MOST_BITS) && this.working; k += 1) {
      bitGenerator(k);
      if (performance.now() - since > SLICE_MS) {
        await drawn();
        since = performance.now();
      }
    }
  }
}
