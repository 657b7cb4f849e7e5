/** leaves.bin: every row of the book, read once; finds the customer's row and rebuilds the root (sections 2, 5, 8). */

import { concat, equal, type Bytes } from "./bytes";
import { malformed, rejected } from "./errors";
import { normalized, pointFromXy, type Point } from "./group";
import { leaf, nodeHash, type Node } from "./tree";

const RECORD = 96;
/** Rows per block: a power of two, so every block but the last is a whole subtree. */
const BLOCK_ROWS = 1024;

/** The customer's row in the whole book. */
export interface Found {
  readonly index: number;
  readonly commitment: Point;
  readonly path: readonly Node[];
}

/** Builds the root block by block and follows the one row that carries `id`. */
export class Leaves {
  private pending: Bytes = new Uint8Array(0);
  private rows = 0;
  private readonly blocks: Node[] = [];
  private index: number | null = null;
  private commitment: Point | null = null;
  private path: Node[] = [];

  constructor(
    private readonly ctx: Bytes,
    private readonly accounts: number,
    private readonly id: Bytes,
  ) {}

  /** Take the next bytes of the file. Throws Malformed (E_POINT), Rejected (E_IDENTITY, E_DUPLICATE). */
  take(piece: Bytes): void {
    const data = concat(this.pending, piece);
    const whole = RECORD * BLOCK_ROWS;
    let start = 0;
    for (; start + whole <= data.length; start += whole) this.block(data.subarray(start, start + whole));
    this.pending = data.slice(start);
  }

  /** The root, after the last byte. Throws Malformed (E_LENGTH) where there are other rows than were signed. */
  root(): Node {
    if (this.pending.length % RECORD === 0 && this.pending.length > 0) this.block(this.pending);
    else if (this.pending.length > 0) throw this.wrongLength();
    if (this.rows !== this.accounts) throw this.wrongLength();
    const position = this.index === null ? null : Math.floor(this.index / BLOCK_ROWS);
    return this.reduce(this.blocks, position);
  }

  /** The customer's row; null where no row carries the id. */
  found(): Found | null {
    if (this.index === null || this.commitment === null) return null;
    return { index: this.index, commitment: this.commitment, path: this.path };
  }

  private block(data: Bytes): void {
    const nodes: Node[] = [];
    let within: number | null = null;
    for (let start = 0; start < data.length; start += RECORD) {
      const index = this.rows + nodes.length;
      const C = pointFromXy(data.subarray(start, start + 64), `leaves.bin, row ${index}`);
      const id = data.subarray(start + 64, start + RECORD);
      if (equal(id, this.id)) {
        this.follow(index, C);
        within = nodes.length;
      }
      nodes.push(leaf(this.ctx, index, C, id));
    }
    this.rows += nodes.length;
    this.blocks.push(this.reduce(nodes, within));
  }

  private follow(index: number, C: Point): void {
    if (this.index !== null) {
      const message = `rows ${this.index} and ${index} have the same id`;
      throw rejected(message, { where: "leaves.bin", code: "E_DUPLICATE", step: "2" });
    }
    this.index = index;
    this.commitment = C;
  }

  /** Join level by level down to one node; siblings of `position` are kept on the way. */
  private reduce(nodes: readonly Node[], position: number | null): Node {
    while (nodes.length > 1) {
      if (position !== null) {
        const sibling = nodes[position ^ 1];
        if (sibling !== undefined) this.path.push(sibling);
        position >>= 1;
      }
      nodes = level(nodes);
    }
    return nodes[0] as Node;
  }

  private wrongLength(): Error {
    const found = String(RECORD * this.rows + this.pending.length);
    return malformed("the file does not hold the rows that were signed", {
      where: "leaves.bin",
      code: "E_LENGTH",
      step: "8",
      expected: String(RECORD * this.accounts),
      found,
    });
  }
}

/** One level up: neighbours are joined, a last one without a neighbour goes up as it is. */
function level(nodes: readonly Node[]): readonly Node[] {
  const pairs = Array.from({ length: nodes.length >> 1 }, (_, i) => [nodes[2 * i], nodes[2 * i + 1]] as [Node, Node]);
  const sums = normalized(pairs.map(([left, right]) => left.C.add(right.C)));
  const parents = pairs.map(([left, right], i) => ({ C: sums[i] as Point, h: nodeHash(left, right) }));
  return nodes.length % 2 === 1 ? [...parents, nodes[nodes.length - 1] as Node] : parents;
}
