// Is this database a copy from an earlier time? Then those who were erased since are erased again, before anybody reads it.
import { adopt, isCopy } from "../../../db/lineage.ts";
import type { Context } from "../../context.ts";
import { openErasure } from "../../customer/erase-customer.ts";

/** Makes a restored copy the workspace's database; does nothing to another one. Gives the number of those erased again. */
export async function adoptCopy(context: Context): Promise<number> {
  const { database } = context;
  if (!isCopy(database.sqlite)) return 0;
  const erased = await openErasure(context).eraseAgain(database.tombstones.list());
  database.write(() => adopt(database.sqlite));
  return erased;
}
