// The test vault's keys and all that is done with them, by jose. They are made anew each time: they must never be those of
// a vault that holds a card.

import {
  CompactEncrypt,
  CompactSign,
  calculateJwkThumbprint,
  compactDecrypt,
  compactVerify,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from "jose";
import { Refusal } from "./problem.js";

/** The protected header of a sealed card. */
export interface SealedHeader {
  readonly kid: string;
  readonly iat: number;
  readonly ctx: string;
  readonly org: string;
}

/** A sealed card, taken apart and not opened. */
export interface Sealed {
  readonly header: SealedHeader;
  readonly compact: string;
}

const CONTEXT_TYP = "cardseal-context+jwt";
/** Every plaintext has so many bytes, filled up with spaces. */
const PLAINTEXT_BYTES = 512;

/** The key pairs of a vault: one signs contexts, cards are sealed to the other. */
export class Keys {
  private constructor(
    private readonly signing: { readonly privateKey: CryptoKey; readonly publicKey: CryptoKey },
    private readonly capture: { readonly privateKey: CryptoKey },
    /** The public halves as the vault publishes them. */
    readonly published: { readonly signing: JWK & { kid: string }; readonly capture: JWK & { kid: string } },
  ) {}

  static async make(): Promise<Keys> {
    const signing = await generateKeyPair("ES256");
    const capture = await generateKeyPair("RSA-OAEP-256", { modulusLength: 2048 });
    const publish = async (key: CryptoKey, use: string, alg: string) => {
      const jwk = await exportJWK(key);
      return { ...jwk, kid: await calculateJwkThumbprint(jwk), use, alg };
    };
    return new Keys(signing, capture, {
      signing: await publish(signing.publicKey, "sig", "ES256"),
      capture: await publish(capture.publicKey, "enc", "RSA-OAEP-256"),
    });
  }

  /** A capture context with these claims. */
  async sign(claims: object): Promise<string> {
    const { kid } = this.published.signing;
    return new CompactSign(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader({ alg: "ES256", kid, typ: CONTEXT_TYP })
      .sign(this.signing.privateKey);
  }

  /** The claims of a context that these keys signed. */
  async verify(context: string): Promise<Record<string, unknown>> {
    const [header] = parts(context, 3, "context_malformed");
    const members = objectOf(header) ?? refuse("context_malformed");
    if (names(members) !== "alg,kid,typ") refuse("context_malformed");
    if (members.typ !== CONTEXT_TYP || members.kid !== this.published.signing.kid) refuse("context_forged");
    const { payload } = await compactVerify(context, this.signing.publicKey, {
      algorithms: ["ES256"],
    }).catch(() => refuse("context_forged"));
    return objectOf(Buffer.from(payload)) ?? refuse("context_malformed");
  }

  /** The plaintext of a sealed card. */
  async open({ compact }: Sealed): Promise<Uint8Array> {
    const options = {
      keyManagementAlgorithms: ["RSA-OAEP-256"],
      contentEncryptionAlgorithms: ["A256GCM"],
    };
    const opened = await compactDecrypt(compact, this.capture.privateKey, options).catch(() =>
      refuse("sealed_card_rejected"),
    );
    return opened.plaintext;
  }
}

/** Takes a sealed card apart, as strictly as the vault. */
export function parseSealed(compact: string): Sealed {
  const decoded = parts(compact, 5, "sealed_card_malformed");
  const [header = 0, key = 0, iv, ciphertext, tag] = decoded.map(({ length }) => length);
  const sizes = key >= 256 && key <= 512 && iv === 12 && ciphertext === PLAINTEXT_BYTES && tag === 16;
  if (!sizes) refuse("sealed_card_malformed");
  const members = header <= 1024 ? objectOf(decoded[0]) : undefined;
  if (!members || names(members) !== "alg,ctx,enc,iat,kid,org,typ") refuse("sealed_card_header_invalid");
  const { alg, enc, typ, kid, iat, ctx, org } = members;
  const fixed = alg === "RSA-OAEP-256" && enc === "A256GCM" && typ === "cardseal+jwe";
  const texts = [kid, ctx, org].every((text) => typeof text === "string");
  if (!fixed || !texts || !Number.isSafeInteger(iat) || (iat as number) < 0) {
    refuse("sealed_card_header_invalid");
  }
  return { header: { kid, iat, ctx, org } as SealedHeader, compact };
}

/** Seals a plaintext for a context, as the fields do. */
export async function seal(plaintext: object, context: string, origin?: string): Promise<string> {
  const claims = JSON.parse(Buffer.from(context.split(".")[1] ?? "", "base64url").toString());
  const header = {
    alg: "RSA-OAEP-256",
    enc: "A256GCM",
    typ: "cardseal+jwe",
    kid: claims.key.kid,
    iat: claims.iat,
    ctx: claims.jti,
    org: origin ?? claims.origins[0] ?? claims.iss,
  };
  const padded = Buffer.alloc(PLAINTEXT_BYTES, " ");
  padded.write(JSON.stringify(plaintext));
  return new CompactEncrypt(padded)
    .setProtectedHeader(header)
    .encrypt(await importJWK(claims.key, "RSA-OAEP-256"));
}

/** So many canonical base64url parts, decoded. */
function parts(
  compact: string,
  count: number,
  code: "context_malformed" | "sealed_card_malformed",
): Buffer[] {
  const decoded = compact.split(".").map((part) => {
    const bytes = Buffer.from(part, "base64url");
    return bytes.toString("base64url") === part ? bytes : refuse(code);
  });
  return decoded.length === count ? decoded : refuse(code);
}

function objectOf(bytes: Uint8Array | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes ?? []).toString());
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function names(members: object): string {
  return Object.keys(members).sort().join();
}

function refuse(code: Refusal["code"]): never {
  throw new Refusal(code);
}
