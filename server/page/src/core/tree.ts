/** The Merkle sum tree (docs/protocol.md, section 2): the shape of RFC 9162, nodes that bind both children whole. */

import { concat, u64, type Bytes } from "./bytes";
import { rejected } from "./errors";
import { normalized, pointToBytes, type Point } from "./group";
import { tagged } from "./hashing";

/** A sum C and the hash h that binds everything below. */
export interface Node {
  readonly C: Point;
  readonly h: Bytes;
}

export type Side = "left" | "right";

/** The leaf of row `index`. */
export function leaf(ctx: Bytes, index: number, C: Point, rowId: Bytes): Node {
  return { C, h: tagged("leaf", concat(ctx, u64(index), pointToBytes(C), rowId)) };
}

/** The parent's hash, from two children. */
export function nodeHash(left: Node, right: Node): Bytes {
  return tagged("node", concat(pointToBytes(left.C), left.h, pointToBytes(right.C), right.h));
}

/** On which side the siblings of leaf `index` stand, leaf upwards; computed from (index, count) alone. */
export function siblingSides(index: number, count: number): readonly Side[] {
  const sides: Side[] = [];
  while (count > 1) {
    if (index % 2 === 1) sides.push("left");
    else if (index + 1 < count) sides.push("right");
    index = Math.floor(index / 2);
    count = Math.ceil(count / 2);
  }
  return sides;
}

/** The root that a leaf and its siblings lead to. Throws Rejected unless there are exactly as many as needed. */
export function foldPath(start: Node, index: number, count: number, siblings: readonly Node[]): Node {
  const sides = siblingSides(index, count);
  if (siblings.length !== sides.length) {
    throw rejected(`the path has ${siblings.length} steps; row ${index} of ${count} needs ${sides.length}`, {
      where: "path",
      code: "E_INCLUSION",
      step: "5.6",
      expected: String(sides.length),
      found: String(siblings.length),
    });
  }
  const sums = partialSums(start, siblings);
  return siblings.reduce<Node>((node, sibling, i) => {
    const h = sides[i] === "left" ? nodeHash(sibling, node) : nodeHash(node, sibling);
    return { C: sums[i] as Point, h };
  }, start);
}

/** The commitments on the way up, none the identity, made affine by one inversion. */
function partialSums(start: Node, siblings: readonly Node[]): readonly Point[] {
  let sum = start.C;
  return normalized(siblings.map(({ C }) => (sum = sum.add(C))));
}
