// What is a touch called in an answer? By the type of its entry, or a creation. (definitions §9)
import type { Static } from "@sinclair/typebox";
import { ENTRY_TYPES, PROFILE_UPDATE } from "../../../db/schema.ts";
import { OneOf } from "../../http/wire.ts";

export const TouchType = OneOf(["click", "lead", "sale", "custom", "creation"] as const, {
  description: "What it is: a click, or a conversion or the creation of the customer that says where they came from (definitions §9).",
});
export type TouchType = Static<typeof TouchType>;

/** The name of the type of a touch, which is a rank of log order (db/schema.ts). Throws RangeError for that of a refund. */
export function toTouchType(type: number): TouchType {
  const name = type === PROFILE_UPDATE ? "creation" : ENTRY_TYPES[type];
  if (name === undefined || name === "refund") throw new RangeError(`A touch cannot have the type ${type}`);
  return name;
}
