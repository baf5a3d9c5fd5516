// How does a file write money? In major units, with the signs that a country or a spreadsheet puts into numbers.
import { decimalsOf, parseDecimal } from "../../value/money.ts";

const GROUPS = /[\s\u00a0\u202f'’]/g;

/** The decimal as JSON writes it: digits and one point. Undefined if it is none, or could mean two numbers. */
function toPlain(text: string, decimals: number): string | undefined {
  const bare = text.replace(GROUPS, "");
  if (!/^\d[\d.,]*$/.test(bare)) return undefined;
  const [points, commas] = [bare.split(".").length - 1, bare.split(",").length - 1];
  if (points > 0 && commas > 0) {
    const decimal = bare.lastIndexOf(".") > bare.lastIndexOf(",") ? "." : ",";
    const [whole = "", fraction = "", ...more] = bare.split(decimal);
    const group = decimal === "." ? "," : ".";
    return more.length === 0 && isGrouped(whole.split(group)) ? `${whole.replaceAll(group, "")}.${fraction}` : undefined;
  }
  if (commas + points === 0) return bare;
  const sign = commas > 0 ? "," : ".";
  const parts = bare.split(sign);
  if (parts.length > 2) return isGrouped(parts) ? parts.join("") : undefined;
  const [whole = "", fraction = ""] = parts;
  if (sign === "." || (fraction.length !== 3 && fraction.length <= decimals)) return `${whole}.${fraction}`;
  // One comma before three digits groups thousands, unless the currency has three decimals.
  return fraction.length === 3 && decimals !== 3 && isGrouped(parts) ? parts.join("") : undefined;
}

/** Are these the groups of a number: three digits each, the first one fewer perhaps? */
const isGrouped = ([first = "", ...others]: readonly string[]): boolean =>
  /^\d{1,3}$/.test(first) && others.every((group) => /^\d{3}$/.test(group));

/** An amount of a currency in major units, exact. Undefined: it is none, or has more decimals than the currency. */
export function readAmount(text: string, currency: string): number | undefined {
  const decimals = decimalsOf(currency);
  const [sign, size] = /^[-\u2212]/.test(text) ? ["-", text.slice(1)] : ["", text];
  const plain = decimals === undefined ? undefined : toPlain(size, decimals);
  const decimal = plain === undefined ? undefined : parseDecimal(plain.replace(/\.$/, ""));
  if (decimals === undefined || decimal === undefined || decimal.scale > decimals) return undefined;
  return Number(`${sign}${decimal.digits}e-${decimal.scale}`);
}
