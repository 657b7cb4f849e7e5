/** What the customer brings: account id and account key, and what follows from them (docs/protocol.md, section 2). */

import { concat, fromHex, utf8, type Bytes } from "./bytes";
import { malformed } from "./errors";
import { tagged } from "./hashing";

export const ACCOUNT_KEY_PREFIX = "slv_k_";

/** The bytes of an account id: NFC, 1 to 256 bytes, no control character. Throws Malformed (E_ACCOUNT). */
export function accountBytes(accountId: string): Bytes {
  const data = /\p{Cs}/u.test(accountId) ? new Uint8Array(0) : utf8(accountId.normalize("NFC"));
  if (data.length < 1 || data.length > 256 || data.some((byte) => byte < 0x20)) {
    throw malformed("an account id has 1 to 256 bytes and no control characters", {
      where: "account id",
      code: "E_ACCOUNT",
    });
  }
  return data;
}

/** The 32 bytes of "slv_k_" and 64 hex digits. Throws Malformed (E_KEY), never quoting what was typed. */
export function readAccountKey(text: string): Bytes {
  const typed = text.trim();
  const key = typed.startsWith(ACCOUNT_KEY_PREFIX) ? fromHex(typed.slice(ACCOUNT_KEY_PREFIX.length)) : null;
  if (key?.length !== 32) {
    throw malformed("not an account key: slv_k_ and 64 hex digits in lower case", { where: "account key", code: "E_KEY" });
  }
  return key;
}

/** An exchange's Ed25519 public key, 64 hex digits. Throws Malformed (E_KEY). */
export function readExchangeKey(text: string): Bytes {
  const key = fromHex(text.trim().toLowerCase());
  if (key?.length !== 32) {
    throw malformed("an exchange key is 64 hex digits", { where: "exchange key", code: "E_KEY" });
  }
  return key;
}

/** salt_j, which the customer derives unaided. */
export function rowSalt(accountKey: Bytes, ctx: Bytes): Bytes {
  return tagged("salt", concat(accountKey, ctx));
}

/** id_j. */
export function rowId(salt: Bytes, accountId: Bytes): Bytes {
  return tagged("account", concat(salt, accountId));
}
