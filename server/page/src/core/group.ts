/** Points and scalars in their one spelling; generators with nothing up the sleeve (docs/protocol.md, section 1). */

import { normalizeZ } from "@noble/curves/abstract/curve.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { concat, toInteger, u32, utf8, type Bytes } from "./bytes";
import { malformed, rejected } from "./errors";
import { N, tagged } from "./hashing";

const Curve = secp256k1.Point;
const P = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn;

export type Point = InstanceType<typeof Curve>;

export const IDENTITY: Point = Curve.ZERO;

/** Decode 33 bytes. Throws Malformed (E_POINT). */
export function pointFromBytes(data: Bytes, where: string): Point {
  const point = data.length === 33 && (data[0] === 2 || data[0] === 3) ? onCurve(data) : null;
  if (point === null) throw malformed("not a point in its one spelling", { where, code: "E_POINT" });
  return point;
}

/** Decode 64 bytes, x || y. Throws Malformed (E_POINT). */
export function pointFromXy(data: Bytes, where: string): Point {
  const x = toInteger(data.subarray(0, 32));
  const y = toInteger(data.subarray(32));
  const known = data.length === 64 && x < P && y < P && (y * y - x * x * x - 7n) % P === 0n;
  if (!known) throw malformed("not a point of the curve", { where, code: "E_POINT" });
  return Curve.fromAffine({ x, y });
}

/** 33 bytes, compressed. Throws Rejected (E_IDENTITY) for the identity. */
export function pointToBytes(point: Point): Bytes {
  if (point.is0()) throw rejected("a point is the identity", { where: "point", code: "E_IDENTITY" });
  return point.toBytes(true);
}

/** All points with Z = 1, by one inversion; none may be the identity. Throws Rejected (E_IDENTITY). */
export function normalized(points: Point[]): Point[] {
  if (points.some((point) => point.is0())) {
    throw rejected("a sum of rows is the identity", { where: "tree", code: "E_IDENTITY", step: "5.6" });
  }
  return normalizeZ(Curve, points);
}

/** Decode 32 bytes, big-endian. Throws Malformed (E_SCALAR) if not below n. */
export function scalarFromBytes(data: Bytes, where: string): bigint {
  const value = toInteger(data);
  if (data.length !== 32 || value >= N) {
    throw malformed("not a scalar below the group order", { where, code: "E_SCALAR" });
  }
  return value;
}

const generators = new Map<string, Point>();

/** gen(label): the first x of a hash chain that lies on the curve, with even y. */
export function generator(label: string): Point {
  const known = generators.get(label);
  if (known !== undefined) return known;
  for (let counter = 0; ; counter += 1) {
    const x = tagged("generator", concat(utf8(label), u32(counter)));
    const point = onCurve(concat(Uint8Array.of(2), x));
    if (point !== null) {
      generators.set(label, point);
      return point;
    }
  }
}

/** The generator of bit k of a row, counted across columns. */
export function bitGenerator(k: number): Point {
  return generator(`bit/${k}`);
}

/** scalar times H, in variable time: every input of this program is the customer's own. */
export function blinded(scalar: bigint): Point {
  return generator("blind").multiplyUnsafe(scalar);
}

/** The point of 33 bytes, or null for x >= p and for an x without a point. */
function onCurve(data: Bytes): Point | null {
  try {
    return Curve.fromBytes(data);
  } catch {
    return null;
  }
}
