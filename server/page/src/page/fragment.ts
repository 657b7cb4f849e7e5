/**
 * The account key in the address, taken out before anything else runs: this module imports nothing, and is imported
 * first. Only the fragment holds it, which no browser sends.
 */

const FRAGMENT = /^#k=(.*)$/;

/** The text after #k= in the address, and the address without it. */
export function takeKey(): string | null {
  const found = FRAGMENT.exec(location.hash);
  if (found === null) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return found[1] ?? "";
}

export const arrived = takeKey();
