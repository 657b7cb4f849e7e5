/** The service's files (server/API.md), as untrusted bytes. The account key never comes near this module. */

import type { Bytes } from "../core/bytes";
import { concat } from "../core/bytes";
import { rejected, unavailable, type SolventError } from "../core/errors";
import type { ByteStream } from "../core/streams";

const MAX_DOCUMENT = 16 * 2 ** 20;
const MAX_ANSWER = 2 ** 22;

export class Service {
  constructor(
    private readonly base: string,
    private readonly signal: AbortSignal,
  ) {}

  /** The number of the newest book. */
  async latest(): Promise<number> {
    const answer = await this.json("/attestations/latest");
    const epoch = answer["epoch"];
    if (typeof epoch !== "number" || !Number.isSafeInteger(epoch) || epoch < 1) {
      throw unavailable("the service does not say which book is the newest", { where: "latest", code: "E_SERVICE" });
    }
    return epoch;
  }

  /** A small published file. */
  document(epoch: number, name: string): Promise<Bytes> {
    return this.bytes(`/attestations/${epoch}/files/${name}`, name, MAX_DOCUMENT);
  }

  /** One row, asked for by its id. */
  async row(epoch: number, id: string): Promise<Bytes> {
    return this.bytes(`/attestations/${epoch}/rows/${id}`, "row", MAX_ANSWER);
  }

  /** The exchange's public keys, hex, as this service shows them. */
  async keys(): Promise<readonly string[]> {
    const { keys } = await this.json("/keys");
    const listed: readonly unknown[] = Array.isArray(keys) ? keys : [];
    return listed.flatMap((item) => {
      const { role, public_key: key } = Object(item) as Record<string, unknown>;
      return role === "exchange" && typeof key === "string" ? [key] : [];
    });
  }

  /** A large published file, read as it arrives. */
  async stream(epoch: number, name: string): Promise<ByteStream> {
    const { body } = await this.get(`/attestations/${epoch}/files/${name}`, name);
    if (body === null) throw unavailable("the answer is empty", { where: name, code: "E_NETWORK" });
    return { name, size: null, read: () => pieces(body, name, this.signal) };
  }

  private async json(path: string): Promise<Record<string, unknown>> {
    const data = await this.bytes(path, path, MAX_ANSWER);
    try {
      return Object(JSON.parse(new TextDecoder().decode(data))) as Record<string, unknown>;
    } catch {
      throw unavailable("the service's answer is no JSON", { where: path, code: "E_SERVICE" });
    }
  }

  private async bytes(path: string, name: string, limit: number): Promise<Bytes> {
    const { body } = await this.get(path, name);
    const parts: Bytes[] = [];
    let size = 0;
    for await (const piece of body === null ? [] : pieces(body, name, this.signal)) {
      size += piece.length;
      if (size > limit) throw unavailable("the answer is too long", { where: name, code: "E_SERVICE" });
      parts.push(piece);
    }
    return concat(...parts);
  }

  private async get(path: string, name: string): Promise<Response> {
    let response: Response;
    try {
      const { signal } = this;
      response = await fetch(this.base + path, { signal, credentials: "omit", referrerPolicy: "no-referrer" });
    } catch {
      throw interrupted(name, this.signal);
    }
    if (!response.ok) throw refused(response.status, name, path);
    return response;
  }
}

/** Pieces of an answer; not every browser can walk over a stream itself. */
async function* pieces(body: ReadableStream<Uint8Array>, name: string, signal: AbortSignal): AsyncIterable<Bytes> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await next(reader, name, signal);
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function next(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  name: string,
  signal: AbortSignal,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  try {
    return await reader.read();
  } catch {
    throw interrupted(name, signal);
  }
}

function interrupted(where: string, signal: AbortSignal): SolventError {
  if (signal.aborted) return unavailable("stopped", { where, code: "E_STOPPED" });
  return unavailable("the service did not answer", { where, code: "E_NETWORK" });
}

function refused(status: number, where: string, path: string): SolventError {
  const facts = { where, found: `HTTP ${status}` };
  if (status === 404 && where === "row") return rejected("no such row", { ...facts, code: "E_NOT_FOUND", step: "5.5" });
  if (status === 404 && path.includes("/attestations/")) {
    return unavailable("no such book or file", { ...facts, code: "E_NO_EPOCH" });
  }
  if (status === 410) return unavailable("removed after its time", { ...facts, code: "E_REMOVED" });
  if (status === 429 || status === 503) return unavailable("the service is busy", { ...facts, code: "E_BUSY" });
  return unavailable("the service answered with an error", { ...facts, code: "E_SERVICE" });
}
