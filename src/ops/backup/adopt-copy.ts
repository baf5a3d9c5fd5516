// What happens to a restored copy? People who were erased after the copy was made are erased again before anybody reads it.
import { adopt, isCopy } from "../../../db/lineage.ts";
import type { Context } from "../../context.ts";
import { openErasure } from "../../customer/erase-customer.ts";

/** Turns a restored copy into the workspace's database, and does nothing to any other database. Gives how many people were erased again. */
export async function adoptCopy(context: Context): Promise<number> {
  const { database } = context;
  if (!isCopy(database.sqlite)) return 0;
  const erased = await openErasure(context).eraseAgain(database.tombstones.list());
  database.write(() => adopt(database.sqlite));
  return erased;
}
